/** `fullhouse origin`: one origin process, for deployment and as a child of `start`. */
import { runOrigin } from "../origin/main.ts";
import { runProgram } from "../src/node/lifecycle.ts";
import { createLog } from "../src/node/log.ts";
import { configOf, type ConfigOptions } from "./config-options.ts";

export async function origin(options: ConfigOptions): Promise<void> {
  const { config } = configOf(options);
  const log = createLog({ level: config.node.logLevel, node: config.node.name });
  await runProgram({ name: "origin", log, start: () => runOrigin(config) });
}
