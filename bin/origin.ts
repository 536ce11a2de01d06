/** `fullhouse origin`: one origin process, for deployment and as a child of `start`. */
import { runOrigin } from "../origin/main.ts";
import { runProgram } from "../src/node/lifecycle.ts";
import { programLog } from "../src/node/log.ts";
import { configOf, type ConfigOptions } from "./config-options.ts";
import { logStreamOf, type PrettyOption } from "./pretty-option.ts";

export async function origin(options: ConfigOptions & PrettyOption): Promise<void> {
  const { config } = configOf(options);
  const log = programLog(config, { tier: "origin", stream: await logStreamOf(options) });
  const start = () => runOrigin(config, { processMetrics: true, log });
  await runProgram({ name: "origin", log, start });
}
