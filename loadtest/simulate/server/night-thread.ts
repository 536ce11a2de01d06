/**
 * The thread that computes a night, with a team of its own: a task comes, its answer goes. It makes way
 * for everything else on the machine, because what is measured beside the model must not suffer from
 * it. Answers over HTTP do not wait behind it: at the same priority k6 lost 21 of 2,000 batches when
 * 100,000 viewers came in a second (2 shared virtual cores, November 2026).
 */
import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { NightStates } from "../../../src/sim/night-state.ts";
import { NightRunner } from "../night-runner.ts";
import type { NightAnswer, NightTask, NightThreadData } from "./night-messages.ts";

/** Half way to the lowest. Linux has it a thread, and threads that this one starts inherit it. */
const niceness = 10;
setPriority(niceness);

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
