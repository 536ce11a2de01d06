/** `fullhouse sim-server`: the model as a program that a load test drives over HTTP. */
import { runProgram } from "../src/node/lifecycle.ts";
import { createLog } from "../src/node/log.ts";
import { runSimServer } from "../loadtest/simulate/server/main.ts";

export async function simServer({ state }: { state: string }): Promise<void> {
  const log = createLog({ level: "info", node: "sim" });
  await runProgram({ name: "sim", log, start: () => runSimServer({ stateDir: state, log }) });
}
