/** `fullhouse edge`: one edge process, for deployment and as a child of `start`. */
import { relayTier, runEdge } from "../edge/main.ts";
import { runProgram } from "../src/node/lifecycle.ts";
import { programLog } from "../src/node/log.ts";
import { configOf, type ConfigOptions } from "./config-options.ts";
import { logStreamOf, type PrettyOption } from "./pretty-option.ts";

export async function edge(options: ConfigOptions & PrettyOption): Promise<void> {
  const { config } = configOf(options);
  const stream = await logStreamOf(options);
  const log = programLog(config, { tier: relayTier(config), stream });
  const start = () => runEdge(config, { processMetrics: true, log });
  await runProgram({ name: "edge", log, start });
}
