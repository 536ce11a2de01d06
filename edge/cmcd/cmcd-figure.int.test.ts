/**
 * What an edge says of its viewers' stalls is what they counted themselves: viewers that really
 * play, over lines that really run dry, through a real edge.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { ScriptedParent } from "../testing/scripted-parent.ts";
import { startRelay, type TestRelay } from "../testing/test-edge.ts";
import { ScriptedViewer, type ScriptedViewerOptions } from "./testing/scripted-viewer.ts";

const segmentMs = 500;
/** 320 kbit/s. */
const segmentBytes = 20_000;
const watchMs = 11_000;

let parent: ScriptedParent;
let edge: TestRelay;
let clock: NodeJS.Timeout;

beforeAll(async () => {
  parent = await ScriptedParent.start({ segmentBytes });
  edge = await startRelay({ parents: [parent.url] });
  clock = setInterval(() => parent.advance(), segmentMs);
});

afterAll(async () => {
  clearInterval(clock);
  await edge.close();
  await parent.stop();
});

async function sums() {
  const [stallCount, stallSec, playSec, startCount] = await Promise.all([
    edge.metric("live_cmcd_stalls_total"),
    edge.metric("live_cmcd_stall_seconds_total"),
    edge.metric("live_cmcd_play_seconds_total"),
    edge.metric("live_cmcd_startup_seconds_count"),
  ]);
  return { stallCount, stallSec, playSec, startCount };
}

/** Viewers whose lines are too slow for a while, each at times of its own, and some not at all. */
async function watch(count: number, reports: (index: number) => ScriptedViewerOptions["reports"]) {
  const before = await sums();
  const viewers = Array.from({ length: count }, (_, index) => {
    const fromMs = 2_000 + (index % 5) * 700;
    const isSlow = (elapsedMs: number): boolean =>
      index % 6 !== 5 && elapsedMs > fromMs && elapsedMs < fromMs + 1_500 + (index % 4) * 900;
    return new ScriptedViewer({
      edgeUrl: edge.viewerUrl,
      sid: `${reports(index)}-${index}`,
      reports: reports(index),
      kbpsAt: (elapsedMs) => (isSlow(elapsedMs) ? 140 : 1_600),
      segmentMs,
    });
  });
  const signal = AbortSignal.timeout(watchMs);
  await Promise.all(viewers.map((viewer) => viewer.watch(signal)));
  const after = await sums();
  const own = { stallCount: 0, stallMs: 0, playMs: 0 };
  for (const { stallCount, stallMs, playMs } of viewers) {
    own.stallCount += stallCount;
    own.stallMs += stallMs;
    own.playMs += playMs;
  }
  return {
    own: { stallCount: own.stallCount, stallSec: own.stallMs / 1_000, playSec: own.playMs / 1_000 },
    edge: {
      stallCount: after.stallCount - before.stallCount,
      stallSec: after.stallSec - before.stallSec,
      playSec: after.playSec - before.playSec,
      startCount: after.startCount - before.startCount,
    },
  };
}

const ratio = ({ stallSec, playSec }: { stallSec: number; playSec: number }): number =>
  stallSec / (stallSec + playSec);

test("20 viewers stalled as often and as long as they count themselves", async () => {
  // A quarter of them lose every third event: their own counts make up for it.
  const { own, edge: told } = await watch(20, (index) => (index % 4 === 3 ? "counts" : "events"));
  process.stdout.write(
    `own ${own.stallCount} stalls, ratio ${ratio(own).toFixed(4)}; ` +
      `by the edge ${told.stallCount}, ratio ${ratio(told).toFixed(4)} (measured)\n`,
  );
  expect(own.stallCount).toBeGreaterThan(10);
  expect(Math.abs(told.stallCount - own.stallCount)).toBeLessThanOrEqual(1);
  const oneStallSec = own.stallSec / own.stallCount;
  expect(Math.abs(told.stallSec - own.stallSec)).toBeLessThan(oneStallSec);
  expect(Math.abs(ratio(told) - ratio(own))).toBeLessThan(
    oneStallSec / (own.stallSec + own.playSec),
  );
  expect(told.startCount).toBe(20);
});

test("players of version 1, who only flag stalls, are counted within one stall too", async () => {
  const { own, edge: told } = await watch(6, () => "query");
  expect(own.stallCount).toBeGreaterThan(3);
  process.stdout.write(`version 1: own ${own.stallCount} stalls, by the edge ${told.stallCount}\n`);
  expect(Math.abs(told.stallCount - own.stallCount)).toBeLessThanOrEqual(1);
  expect(told.stallSec).toBe(0);
});
