/** `window.fullhouse`: what tests and a curious operator may read of the player, and only read. */

export interface Diagnostics {
  readonly state: string;
  readonly reason: string;
  readonly latencySec: number | null;
  readonly behindSec: number | null;
  readonly stalls: number;
  readonly rung: string | null;
  readonly rungs: readonly string[];
  readonly firstFrameMs: number | null;
  readonly positionSec: number;
}
