/**
 * The swarm in browsers: four pages on one edge, ours against p2p-media-loader 2.3.1 with hls.js, the
 * same media from the same edge, over loopback without any delay or loss. Each page is one viewer in
 * a Chromium context of its own. Of four viewers one has to ask the edge for each segment, so that
 * 75 % from peers is the most there can be.
 */
import { launchPeerBrowser } from "../e2e/peer-browser.ts";
import {
  mediansOf,
  type BenchOptions,
  type BenchResult,
  type BenchRow,
  type BenchTarget,
} from "./harness/bench-result.ts";
import { startBroadcast } from "./swarm-browser/broadcast.ts";
import { contenderNames, startContender, type ContenderName } from "./swarm-browser/contenders.ts";
import { tasks, type Task } from "./swarm-browser/settings.ts";
import { viewerCount, watchTogether } from "./swarm-browser/watch-together.ts";

const offloadPercentMax = 100 * (1 - 1 / viewerCount);
/** Segments that both get whole may lie differently in the window. */
const sameRatioMin = 0.99;

export async function run({ rounds, say }: BenchOptions): Promise<BenchResult> {
  const rows: BenchRow[] = [];
  for (const task of tasks) {
    for (let round = 1; round <= rounds; round++) {
      for (const contender of contenderNames) {
        const values = await measure(contender, task);
        rows.push({ task: task.name, contender, values });
        say(`round ${round} of ${rounds}, ${task.name}, ${contender}: ${JSON.stringify(values)}`);
      }
    }
  }
  return resultOf(rows);
}

async function measure(name: ContenderName, task: Task): Promise<BenchRow["values"]> {
  const open: { stop(): Promise<void> }[] = [];
  try {
    const broadcast = await startBroadcast(task);
    open.push(broadcast);
    const contender = await startContender(name, broadcast, task);
    open.push(contender);
    const browser = await launchPeerBrowser();
    open.push({ stop: () => browser.close() });
    return await watchTogether(browser, { contender, broadcast, task });
  } finally {
    for (const part of open.reverse()) await part.stop();
  }
}

function resultOf(rows: readonly BenchRow[]): BenchResult {
  const results = mediansOf(rows);
  const value = (task: Task, contender: ContenderName, key: string): number =>
    results.find((row) => row.task === task.name && row.contender === contender)?.values[key] ??
    Number.NaN;
  const worst = (task: Task, key: string): number =>
    Math.max(
      ...rows
        .filter((row) => row.task === task.name && row.contender === "ours")
        .map(({ values }) => values[key] ?? Number.NaN),
    );
  const ratioOf = (task: Task): number =>
    value(task, "ours", "offloadPercent") / value(task, "p2p-media-loader", "offloadPercent");
  const targets = tasks.flatMap((task): BenchTarget[] => [
    {
      name: `offload of the greatest possible, ${task.name}`,
      value: value(task, "ours", "offloadPercent") / offloadPercentMax,
      min: 0.95,
    },
    { name: `stalls, worst round, ${task.name}`, value: worst(task, "stalls"), max: 0 },
    {
      name: `bytes from the edge that the page miscounts, ${task.name}`,
      value: worst(task, "httpBytesOff"),
      max: 0,
    },
    {
      name: `offload: ours / p2p-media-loader, ${task.name}`,
      value: ratioOf(task),
      min: sameRatioMin,
    },
  ]);
  return {
    results,
    ratios: Object.fromEntries(
      tasks.map((task) => [`offload: ours / p2p-media-loader, ${task.name}`, ratioOf(task)]),
    ),
    targets,
  };
}
