/** How much media a player has: the one place that reads it from the ranges that are buffered. */

/** Gaps that playback steps over (hls.js: `maxBufferHole`). */
const holeSecMax = 0.1;

/** Seconds that can be played from the play position on, up to the first gap. */
export function bufferedAheadSec({
  buffered,
  currentTime,
}: Pick<HTMLVideoElement, "buffered" | "currentTime">): number {
  let endSec = currentTime;
  for (let index = 0; index < buffered.length; index += 1) {
    if (buffered.start(index) > endSec + holeSecMax) break;
    endSec = Math.max(endSec, buffered.end(index));
  }
  return endSec - currentTime;
}
