/**
 * The real viewers of a run as one scenario of k6: a VU is a viewer, and an iteration is about a
 * segment long, because k6 reports received bytes at the end of each. Who a VU is follows from its
 * number in the whole test, so that execution segments make one audience.
 */
import exec from "k6/execution";
import type { Scenario } from "k6/options";
import { randomKey, randomWord } from "../../../src/base/prng.ts";
import type { RungRule } from "../../../src/viewer/viewer-ladder.ts";
import { segmentDurationMs, sleepUntil, type Watching } from "./live-viewer.ts";
import { arrive, watchUntil } from "./viewer-sessions.ts";
import type { WireRun } from "./wire-run.ts";

/** Owner and stream of the random number that turns the sequence of lines. */
const nobody = 0xffff_ffff;
const linkStream = 4;
/** Step of the R1 sequence: the golden number's fraction. */
const r1 = 0.6180339887498949;

/** `startUnixMs`: the run's first instant, where several generators share it. */
export interface WireViewers {
  run: WireRun;
  rule: RungRule;
  startUnixMs: number | undefined;
  /** Who this VU is; its number in the whole test where the test is of these viewers alone. */
  index?: number;
}

let watching: Watching | undefined;

/** One turn of this VU's viewer; waits for its arrival first. */
export function watchTurn(viewers: WireViewers): void {
  const { run, rule, startUnixMs, index = exec.vu.idInTest - 1 } = viewers;
  const startMs = startUnixMs ?? exec.scenario.startTime;
  const endMs = startMs + 1_000 * run.durationSec;
  if (watching === undefined) {
    watching = watchingOf(run, rule, index);
    arrive(run, watching, index, startMs);
  }
  watchUntil(run, watching, Math.min(endMs, Date.now() + segmentDurationMs()));
  // Nothing is left to do until k6 ends the scenario.
  if (Date.now() >= endMs) sleepUntil(endMs + 1_000);
}

/** Everybody at once: each waits for its own arrival, in a run that begins `aheadSec` later. */
export function wireScenario(run: WireRun, exec: string, aheadSec = 0): Scenario {
  const duration = `${Math.ceil(aheadSec + run.durationSec)}s`;
  return { executor: "constant-vus", vus: run.viewerCount, duration, gracefulStop: "30s", exec };
}

function watchingOf(run: WireRun, rule: RungRule, index: number): Watching {
  const { feed, holdBackTargetDurations, bufferMsMax, blockingReload, sampleEvery } = run;
  const edges = run.targets[linkClassOf(run, index)]!;
  const player = { holdBackTargetDurations, bufferMsMax, blockingReload, sampleEvery };
  return { feed, edges, rule, ...player };
}

/** The class of a viewer's line: any number of viewers has the right mix, at each edge. */
function linkClassOf({ seed, linkRatios }: WireRun, index: number): number {
  const turn = randomWord(randomKey(seed, nobody), linkStream, 0) / 4_294_967_296;
  const quantile = (turn + index * r1) % 1;
  let upTo = 0;
  for (let n = 0; n < linkRatios.length - 1; n++) {
    upTo += linkRatios[n]!;
    if (quantile < upTo) return n;
  }
  return linkRatios.length - 1;
}
