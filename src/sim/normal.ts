/** The normal distribution, in arithmetic that gives the same bits in every engine. */
import { log } from "../base/float.ts";

/** Peter Acklam's rational approximation: relative error below 1.15e-9. */
const a = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2,
  -3.066479806614716e1, 2.506628277459239,
] as const;
const b = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
  -1.328068155288572e1,
] as const;
const c = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
  4.374664141464968, 2.938163982698783,
] as const;
const d = [
  7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416,
] as const;
const tailRatio = 0.02425;

/** How many standard deviations from the mean the quantile lies; `ratio` within 0 and 1, exclusive. */
export function normalQuantile(ratio: number): number {
  if (ratio < tailRatio) return lowerTail(ratio);
  if (ratio > 1 - tailRatio) return -lowerTail(1 - ratio);
  const q = ratio - 0.5;
  const r = q * q;
  const numerator = ((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5];
  const denominator = ((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1;
  return (numerator * q) / denominator;
}

function lowerTail(ratio: number): number {
  const q = Math.sqrt(-2 * log(ratio));
  const numerator = ((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5];
  return numerator / ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
}

/** Mean of the sum of four bytes, and its standard deviation: sqrt(4 (256^2 - 1) / 12). */
const byteSumMean = 510;
const byteSumSigma = 147.80054127099804;

/**
 * A nearly normal number (mean 0, variance 1) from 32 random bits: the sum of their four bytes. Its
 * tails end at 3.45; sums of many of them, such as an autoregressive process, have normal ones.
 */
export function nearlyNormal(word: number): number {
  const sum = (word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24);
  return (sum - byteSumMean) * (1 / byteSumSigma);
}
