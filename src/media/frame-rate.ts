/**
 * The frame rate of a source. Tags are stamped in whole milliseconds and encoders drop frames, so
 * the spacing says it roughly, and what the source claims is believed where it agrees.
 */

const wholeRates = [24, 25, 30, 50, 60];
/** The NTSC ones differ by 0.1 %: only a claim tells them apart. */
const claimedRates = [...wholeRates, 30_000 / 1_001, 60_000 / 1_001, 24_000 / 1_001];

/** Less than the 4 % between 24 and 25, the nearest rates that the grid tells apart. */
const toleranceRatio = 0.03;

/** Whether a claimed rate agrees with the spacing of the tags. */
export function claimAgrees(claim: number | undefined, timestampsMs: readonly number[]): boolean {
  const measured = measureFrameRate(timestampsMs);
  return claim !== undefined && measured !== undefined && isNear(claim, measured);
}

/** Frames a second from decode times in ms, rising; `claims` in order of trust. */
export function estimateFrameRate(
  timestampsMs: readonly number[],
  claims: readonly (number | undefined)[],
): number {
  const measured = measureFrameRate(timestampsMs);
  const claim = claims.find((rate) => rate !== undefined && isNear(rate, measured ?? rate));
  const rate = claim ?? measured ?? 30;
  const standard = (claim === undefined ? wholeRates : claimedRates)
    .filter((candidate) => isNear(candidate, rate))
    .sort((a, b) => Math.abs(a - rate) - Math.abs(b - rate))[0];
  return Math.round((standard ?? rate) * 1_000) / 1_000;
}

/** The mean of the spacings that are near their median: neither a hole nor a burst counts. */
function measureFrameRate(timestampsMs: readonly number[]): number | undefined {
  const spacings = timestampsMs.slice(1).map((ms, index) => ms - timestampsMs[index]!);
  const sorted = spacings.filter((ms) => ms > 0).sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1];
  if (median === undefined) return undefined;
  const near = sorted.filter((ms) => Math.abs(ms - median) <= Math.max(2, median / 4));
  return (1_000 * near.length) / near.reduce((sum, ms) => sum + ms, 0);
}

function isNear(rate: number, target: number): boolean {
  return rate >= 1 && rate <= 240 && Math.abs(rate - target) <= target * toleranceRatio;
}
