/**
 * The throughput estimate of hls.js (utils/ewma-bandwidth-estimator.ts of 1.7.4): two averages of
 * the rates of downloads with half-lives of 3 and 9 seconds of download time, of which the lower
 * counts, and an average time to first byte. Time without a download does not count.
 */
import { exp, halved } from "../base/float.ts";
import type { Viewers } from "./viewers.ts";

/** abrEwmaSlowLive; abrEwmaFastLive is a third of it, so that its decay is the cube. */
export const slowHalfLifeSec = 9;
/** abrEwmaDefaultEstimate: what is assumed before the first sample. */
const defaultBitsPerSec = 500_000;
export const defaultFirstByteMs = 100;
/** An average counts once its weight is 0.001: 1 - 2^(-0.001 / 9) of it is samples. */
export const sampledRatioMin = 7.7013e-5;
/** Downloads count as at least 50 ms, or 1 ms for each 100 kB: a cache is no link. */
export const durationMsMin = 50;
export const bytesPerMsMax = 100_000;

const sqrt2 = 1.4142135623730951;

/**
 * A download of `bytes`, complete `totalMs` after its request, the first byte after `waitMs`. The
 * wait is left out of the rate, but not more of it than viewers are used to.
 */
export function sampleDownload(
  viewers: Viewers,
  i: number,
  bytes: number,
  waitMs: number,
  totalMs: number,
): void {
  sampleFirstByte(viewers, i, waitMs);
  sampleThroughput(viewers, i, bytes, totalMs - Math.min(waitMs, viewers.estimateFirstByteMs[i]!));
}

function sampleThroughput(viewers: Viewers, i: number, bytes: number, durationMs: number): void {
  if (bytes <= 0) return;
  const countedMsMin = Math.min(durationMsMin, bytes * (1 / bytesPerMsMax));
  const weightSec = Math.max(durationMs, countedMsMin) * 0.001;
  const bitsPerSec = (8 * bytes) / weightSec;
  const slowKept = keptAfter(weightSec);
  const fastKept = slowKept * slowKept * slowKept;
  const fast = bitsPerSec * (1 - fastKept) + fastKept * viewers.fastBitsPerSec[i]!;
  const slow = bitsPerSec * (1 - slowKept) + slowKept * viewers.slowBitsPerSec[i]!;
  const fastRatio = 1 - fastKept + fastKept * viewers.fastSampledRatio[i]!;
  const slowRatio = 1 - slowKept + slowKept * viewers.slowSampledRatio[i]!;
  viewers.fastBitsPerSec[i] = fast;
  viewers.slowBitsPerSec[i] = slow;
  viewers.fastSampledRatio[i] = fastRatio;
  viewers.slowSampledRatio[i] = slowRatio;
  if (slowRatio < sampledRatioMin) return;
  viewers.estimateKbps[i] = Math.min(fast / fastRatio, slow / slowRatio) * 0.001;
}

/** The last wait and what it counts: nearly all waits of a simulation are one round trip. */
let lastWaitMs = -1;
let lastKept = 0;

/** A wait for a first byte; long ones count little. */
function sampleFirstByte(viewers: Viewers, i: number, waitMs: number): void {
  if (waitMs !== lastWaitMs) {
    lastKept = keptAfterWait(waitMs);
    lastWaitMs = waitMs;
  }
  const sampled = 1 - lastKept;
  const average = Math.max(waitMs, 5) * sampled + lastKept * viewers.firstByteMs[i]!;
  const ratio = sampled + lastKept * viewers.firstByteSampledRatio[i]!;
  viewers.firstByteMs[i] = average;
  viewers.firstByteSampledRatio[i] = ratio;
  viewers.estimateFirstByteMs[i] = ratio < sampledRatioMin ? defaultFirstByteMs : average / ratio;
}

/** Whether a download has been sampled. */
export function canEstimate(viewers: Viewers, i: number): boolean {
  return viewers.estimateKbps[i]! > 0;
}

/** What the viewer takes its connection to carry, in bit/s. */
export function throughputBitsPerSec(viewers: Viewers, i: number): number {
  const kbps = viewers.estimateKbps[i]!;
  return kbps > 0 ? kbps * 1000 : defaultBitsPerSec;
}

/** What is left of the average wait after another one of `waitMs`: long ones count little. */
export function keptAfterWait(waitMs: number): number {
  const waitSec = waitMs / 1000;
  return keptAfter(sqrt2 * exp((-waitSec * waitSec) / 2));
}

/** What is left of the slow average after `weight`: a half each half-life. */
function keptAfter(weight: number): number {
  return halved(weight * (1 / slowHalfLifeSec));
}
