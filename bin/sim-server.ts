/** `fullhouse sim-server`: the model as a program that a load test drives over HTTP. */
import { runProgram } from "../src/node/lifecycle.ts";
import { createLog } from "../src/node/log.ts";
import { runSimServer } from "../loadtest/simulate/server/main.ts";
import { logStreamOf, type PrettyOption } from "./pretty-option.ts";

export async function simServer(options: { state: string } & PrettyOption): Promise<void> {
  const { state } = options;
  const log = createLog({ level: "info", node: "sim", stream: await logStreamOf(options) });
  await runProgram({ name: "sim", log, start: () => runSimServer({ stateDir: state, log }) });
}
