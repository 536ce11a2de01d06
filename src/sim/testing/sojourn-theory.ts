/** What queueing theory says about shared links, and a mean over simulated bodies to compare with it. */
import { assert } from "../../base/assert.ts";
import type { Arrivals, SizeDistribution } from "./poisson-arrivals.ts";

const batchCount = 50;

/**
 * The delay factor f_R of M/G/R-PS (Lindberger, 1999): how much longer than alone a body takes on a
 * link that carries R of them at their own rate. R = 1 is plain processor sharing, 1 / (1 - load).
 */
export function delayFactor(bodiesAtFullRate: number, load: number): number {
  const waiting = erlangC(bodiesAtFullRate, bodiesAtFullRate * load);
  return 1 + waiting / (bodiesAtFullRate * (1 - load));
}

/** The probability that all of `servers` are busy. */
function erlangC(servers: number, erlangs: number): number {
  let below = 0;
  let term = 1;
  for (let n = 0; n < servers; n++) {
    below += term;
    term *= erlangs / (n + 1);
  }
  const busy = (term * servers) / (servers - erlangs);
  return busy / (below + busy);
}

/**
 * The mean of the bodies' times, corrected by a control variate: the work that each body finds on
 * the link. Whatever the sharing, a link that works while it can has a known mean of it
 * (Pollaczek-Khinchine), and where a run has more, its bodies took longer. `sigma` is the standard
 * error, from means of batches.
 */
export function controlledMean(
  sojournUs: Float64Array,
  { atUs, bits }: Arrivals,
  of: { load: number; capacityBitsPerUs: number; bitsMean: number; sizes: SizeDistribution },
): { meanUs: number; sigmaUs: number } {
  const { load, capacityBitsPerUs, bitsMean, sizes } = of;
  const times = new Float64Array(batchCount);
  const works = new Float64Array(batchCount);
  const perBatch = atUs.length / batchCount;
  assert(Number.isInteger(perBatch), "batches are equally large");
  let workBits = 0;
  for (let n = 0; n < atUs.length; n++) {
    const sinceUs = atUs[n]! - (n === 0 ? 0 : atUs[n - 1]!);
    workBits = Math.max(0, workBits - capacityBitsPerUs * sinceUs);
    const batch = Math.floor(n / perBatch);
    works[batch]! += workBits / perBatch;
    times[batch]! += sojournUs[n]! / perBatch;
    workBits += bits[n]!;
  }
  const expectedBits = (load * bitsMean * sizes.secondMoment) / (2 * (1 - load));
  return regressed(times, works, expectedBits);
}

/** The mean of `values` where that of `controls` is as expected, and its standard error. */
function regressed(
  values: Float64Array,
  controls: Float64Array,
  controlExpected: number,
): { meanUs: number; sigmaUs: number } {
  const [value, control] = [meanOf(values), meanOf(controls)];
  let [covariance, variance] = [0, 0];
  for (let n = 0; n < batchCount; n++) {
    covariance += (values[n]! - value) * (controls[n]! - control);
    variance += (controls[n]! - control) ** 2;
  }
  const slope = covariance / variance;
  let residual = 0;
  for (let n = 0; n < batchCount; n++) {
    residual += (values[n]! - value - slope * (controls[n]! - control)) ** 2;
  }
  return {
    meanUs: value - slope * (control - controlExpected),
    sigmaUs: Math.sqrt(residual / (batchCount - 2) / batchCount),
  };
}

export function meanOf(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total / values.length;
}
