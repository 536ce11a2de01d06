/**
 * What our page costs a viewer: the first frame of a first visit, and long tasks while it plays,
 * beside a page of nothing but hls.js in the same browser, over the same media from the same edge.
 * Every visit has a context of its own, and so an empty cache; loopback adds no delay.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { launchBrowser, openPage, waitForPlayed } from "../e2e/browser.ts";
import {
  mediansOf,
  type BenchOptions,
  type BenchResult,
  type BenchRow,
} from "./harness/bench-result.ts";
import { installProbe, readProbe, waitForFirstFrame } from "./page/page-probe.ts";
import { startPlainSite } from "./page/plain-site.ts";
import { startBroadcast } from "./swarm-browser/broadcast.ts";
import { tasks } from "./swarm-browser/settings.ts";

const task = "4.3 s segments, 300 kbps";
const startMsMax = 30_000;
/** Playback that has settled: the first segments and what few visits need are loaded. */
const settleSec = 6;
const steadyMs = 30_000;

const firstFrameMsMax = 1_500;
const longTaskMsMax = 100;
const pageBytesMax = 260_000;

interface Contender {
  name: string;
  url: string;
}

export async function run({ rounds, say }: BenchOptions): Promise<BenchResult> {
  const open: { stop(): Promise<void> }[] = [];
  try {
    const broadcast = await startBroadcast(tasks[0]!);
    open.push(broadcast);
    const { url } = broadcast.edge;
    const plain = await startPlainSite(`${url}/live/main/index.m3u8`);
    open.push({ stop: () => plain.close() });
    const browser = await launchBrowser();
    open.push({ stop: () => browser.close() });
    const contenders = [
      { name: "ours", url: `${url}/watch/main` },
      { name: "plain hls.js", url: plain.url },
    ];
    const rows: BenchRow[] = [];
    for (let round = 1; round <= rounds; round++) {
      for (const contender of contenders) {
        const values = await watch(browser, contender);
        rows.push({ task, contender: contender.name, values });
        say(`round ${round} of ${rounds}, ${contender.name}: ${JSON.stringify(values)}`);
      }
    }
    return resultOf(rows);
  } finally {
    for (const part of open.reverse()) await part.stop();
  }
}

async function watch(browser: Browser, { url }: Contender): Promise<BenchRow["values"]> {
  const { page } = await openPage(browser);
  try {
    await installProbe(page);
    await page.goto(url);
    await waitForFirstFrame(page, startMsMax);
    await waitForPlayed(page, settleSec, startMsMax);
    const before = await readProbe(page);
    await delay(steadyMs);
    const after = await readProbe(page);
    const steadyTasksMs = after.longTasksMs.slice(before.longTasksMs.length);
    return {
      firstFrameMs: after.firstFrameMs ?? Number.NaN,
      pageKB: before.pageBytes / 1_000,
      longestTaskAtStartMs: Math.max(0, ...before.longTasksMs),
      longestTaskMs: Math.max(0, ...steadyTasksMs),
      longTasks: steadyTasksMs.length,
      droppedFrames: after.droppedFrames - before.droppedFrames,
      shownFrames: after.shownFrames - before.shownFrames,
    };
  } finally {
    await page.context().close();
  }
}

function resultOf(rows: readonly BenchRow[]): BenchResult {
  const results = mediansOf(rows);
  const of = (contender: string, name: string): number =>
    results.find((row) => row.contender === contender)?.values[name] ?? Number.NaN;
  const worst = (name: string): number =>
    Math.max(
      ...rows
        .filter(({ contender }) => contender === "ours")
        .map(({ values }) => values[name] ?? Number.NaN),
    );
  return {
    results,
    ratios: {
      "first frame: ours / plain hls.js":
        of("ours", "firstFrameMs") / of("plain hls.js", "firstFrameMs"),
      "page bytes: ours / plain hls.js": of("ours", "pageKB") / of("plain hls.js", "pageKB"),
    },
    targets: [
      { name: "first frame in ms", value: of("ours", "firstFrameMs"), max: firstFrameMsMax },
      {
        name: "longest task in steady playback in ms, worst round",
        value: worst("longestTaskMs"),
        max: longTaskMsMax,
      },
      { name: "page in kB of gzip", value: worst("pageKB"), max: pageBytesMax / 1_000 },
    ],
  };
}
