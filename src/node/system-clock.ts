/** The real clock. */
import type { Clock } from "../base/clock.ts";

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  unixMs: () => Date.now(),
};
