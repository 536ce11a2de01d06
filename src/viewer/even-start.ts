/** Where a viewer starts when all segments are equally long, as in the simulator: in no time. */
import { startAt } from "./live-following.ts";
import type { Viewers } from "./viewers.ts";

/** As `chooseStart`, `distanceMs` behind a playlist of `count` segments that are all equally long. */
export function chooseEvenStart(
  viewers: Viewers,
  i: number,
  lastMsn: number,
  count: number,
  durationMs: number,
  distanceMs: number,
): void {
  const behindCount = Math.min(count, Math.ceil(distanceMs / durationMs));
  startAt(viewers, i, lastMsn + 1 - behindCount, behindCount * durationMs - distanceMs);
}
