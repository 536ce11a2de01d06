/**
 * The real viewers of a run as one scenario of k6: a VU is a viewer, and an iteration is about a
 * segment long, because k6 reports received bytes at the end of each. Who a VU is follows from its
 * number in the whole test, so that execution segments make one audience.
 */
import exec from "k6/execution";
import { randomKey, randomWord } from "../../../src/base/prng.ts";
import { segmentDurationMs, sleepUntil, type Watching } from "./live-viewer.ts";
import { playerRules } from "./player-rules.ts";
import { arrive, watchUntil } from "./viewer-sessions.ts";
import type { WireRun } from "./wire-run.ts";

/**
 * Owner and streams of the random numbers that turn the sequences of lines and rules, and the steps of
 * these: as in src/sim/audience.ts, so that whoever arrives as number n is the same here and there.
 */
const nobody = 0xffff_ffff;
const stream = { access: 2, rule: 6 } as const;
const accessStep = 0.7548776662466927;
const ruleStep = 0.6180339887498949;

export interface WireViewers {
  run: WireRun;
  /** The run's first instant, where several generators share it. */
  startUnixMs: number | undefined;
  /** Who this VU is; its number in the whole test where the test is of these viewers alone. */
  index?: number;
}

let watching: Watching | undefined;
let endMs = 0;

/** One turn of this VU's viewer; waits for its arrival first. */
export function watchTurn({ run, startUnixMs, index }: WireViewers): void {
  if (watching === undefined) {
    // Asked once: k6 makes its facts anew at each look, for about a twentieth of a viewer's CPU.
    const startMs = startUnixMs ?? exec.scenario.startTime;
    const place = index ?? exec.vu.idInTest - 1;
    endMs = startMs + 1_000 * run.durationSec;
    watching = { ...watchingOf(run, place), lastMs: endMs };
    arrive(run, watching, place, startMs);
  }
  // With a poll and a segment in each, turns are a segment long.
  const untilMs = Math.min(endMs, Date.now() + segmentDurationMs() / 2);
  watchUntil(run, watching, untilMs);
  // Nothing is left to do until k6 ends the scenario.
  if (Date.now() >= endMs) sleepUntil(endMs + 1_000);
}

/** Everybody at once: each waits for its own arrival, in a run that begins `aheadSec` later. */
export function wireScenario(run: WireRun, exec: string, aheadSec = 0) {
  const duration = `${Math.ceil(aheadSec + run.durationSec)}s`;
  return {
    executor: "constant-vus" as const,
    vus: run.viewerCount,
    duration,
    gracefulStop: "30s",
    exec,
  };
}

function watchingOf(run: WireRun, index: number): Omit<Watching, "lastMs"> {
  const { feed, holdBackTargetDurations, bufferMsMax, blockingReload, sampleEvery } = run;
  const { needsDigest = true } = run;
  const turn = (of: number): number =>
    randomWord(randomKey(run.seed, nobody), of, 0) / 4_294_967_296;
  const linkClass = choiceOf(run.linkRatios, turn(stream.access) + index * accessStep);
  const rules = playerRules();
  const ratios = rules.map(({ ratio }) => ratio);
  const { rule } = rules[choiceOf(ratios, turn(stream.rule) + index * ruleStep)]!;
  const player = { holdBackTargetDurations, bufferMsMax, blockingReload, sampleEvery, needsDigest };
  // Only a slow line is the faster for it: an answer there is a matter of bytes.
  const gzip = run.judgedBy === "lines";
  return { feed, edges: run.targets[linkClass]!, rule, gzip, ...player };
}

/** Index of the ratio that the fraction of `place` falls into: any audience has the right mix. */
function choiceOf(ratios: readonly number[], place: number): number {
  let upTo = 0;
  for (let n = 0; n < ratios.length - 1; n++) {
    upTo += ratios[n]!;
    if (place % 1 < upTo) return n;
  }
  return ratios.length - 1;
}
