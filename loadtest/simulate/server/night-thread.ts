/** The thread that computes a night, with a team of its own: a task comes, its answer goes. */
import { parentPort, workerData } from "node:worker_threads";
import { NightStates } from "../../../src/sim/night-state.ts";
import { NightRunner } from "../night-runner.ts";
import type { NightAnswer, NightTask, NightThreadData } from "./night-messages.ts";

const runner = new NightRunner(workerData as NightThreadData);
const states = new NightStates(runner.night);
const port = parentPort!;

async function answerTo(task: NightTask): Promise<NightAnswer> {
  switch (task.kind) {
    case "window":
      await runner.runTurn(task.orders);
      return { kind: "window", state: states.at(runner.windowCount - 1) };
    case "finish": {
      const report = await runner.finish();
      await runner.close();
      return { kind: "report", text: `${JSON.stringify(report)}\n` };
    }
  }
}

// A rejection is a bug: it ends this thread, and the run that it is of.
port.on("message", (task: NightTask) => {
  void answerTo(task).then((answer) => port.postMessage(answer));
});
port.postMessage({ kind: "ready" } satisfies NightAnswer);
