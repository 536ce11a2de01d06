/** `fullhouse edge`: one edge process, for deployment and as a child of `start`. */
import { runEdge } from "../edge/main.ts";
import { runProgram } from "../src/node/lifecycle.ts";
import { createLog } from "../src/node/log.ts";
import { configOf, type ConfigOptions } from "./config-options.ts";

export async function edge(options: ConfigOptions): Promise<void> {
  const { config } = configOf(options);
  const log = createLog({ level: config.node.logLevel, node: config.node.name });
  await runProgram({ name: "edge", log, start: () => runEdge(config) });
}
