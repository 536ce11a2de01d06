/**
 * The throughput estimate of hls.js (utils/ewma-bandwidth-estimator.ts of 1.7.4): two averages of
 * the rates of downloads with half-lives of 3 and 9 seconds of download time, of which the lower
 * counts, and an average time to first byte. Time without a download does not count.
 */
import { exp } from "../base/float.ts";
import type { Viewers } from "./viewers.ts";

const fastHalfLifeSec = 3;
const slowHalfLifeSec = 9;
/** abrEwmaDefaultEstimate: what is assumed before the first sample. */
const defaultBitsPerSec = 500_000;
const defaultFirstByteMs = 100;
const weightMin = 0.001;
/** Downloads count as at least 50 ms, or 1 ms for each 100 kB: a cache is no link. */
const durationMsMin = 50;
const bytesPerMsMax = 100_000;

const ln2 = 0.6931471805599453;
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
  const firstByteMs = expectedFirstByteMs(viewers, i);
  viewers.estimateFirstByteMs[i] = firstByteMs;
  sampleThroughput(viewers, i, bytes, totalMs - Math.min(waitMs, firstByteMs));
}

function sampleThroughput(viewers: Viewers, i: number, bytes: number, durationMs: number): void {
  if (bytes <= 0) return;
  const countedMsMin = Math.min(durationMsMin, bytes / bytesPerMsMax);
  const weightSec = Math.max(durationMs, countedMsMin) / 1000;
  const bitsPerSec = (8 * bytes) / weightSec;
  const fastDecay = decay(weightSec, fastHalfLifeSec);
  const slowDecay = decay(weightSec, slowHalfLifeSec);
  const { fastBitsPerSec, slowBitsPerSec } = viewers;
  fastBitsPerSec[i] = bitsPerSec * (1 - fastDecay) + fastDecay * fastBitsPerSec[i]!;
  slowBitsPerSec[i] = bitsPerSec * (1 - slowDecay) + slowDecay * slowBitsPerSec[i]!;
  const weightSecSum = viewers.throughputWeightSec[i]! + weightSec;
  viewers.throughputWeightSec[i] = weightSecSum;
  if (weightSecSum < weightMin) return;
  const estimateBitsPerSec = Math.min(
    fastBitsPerSec[i] / (1 - decay(weightSecSum, fastHalfLifeSec)),
    slowBitsPerSec[i] / (1 - decay(weightSecSum, slowHalfLifeSec)),
  );
  viewers.estimateKbps[i] = estimateBitsPerSec / 1000;
}

/** A wait for a first byte; long ones count little. */
function sampleFirstByte(viewers: Viewers, i: number, waitMs: number): void {
  const waitSec = waitMs / 1000;
  const weight = sqrt2 * exp((-waitSec * waitSec) / 2);
  const kept = decay(weight, slowHalfLifeSec);
  viewers.firstByteMs[i] = Math.max(waitMs, 5) * (1 - kept) + kept * viewers.firstByteMs[i]!;
  viewers.firstByteWeight[i] = viewers.firstByteWeight[i]! + weight;
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

/** How long the viewer expects to wait for a first byte. */
function expectedFirstByteMs(viewers: Viewers, i: number): number {
  const weight = viewers.firstByteWeight[i]!;
  if (weight < weightMin) return defaultFirstByteMs;
  return viewers.firstByteMs[i]! / (1 - decay(weight, slowHalfLifeSec));
}

/** What is left of an average after `weight`: a half each half-life. */
function decay(weight: number, halfLife: number): number {
  return exp((-ln2 / halfLife) * weight);
}
