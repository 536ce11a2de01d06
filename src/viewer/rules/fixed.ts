/** The rule of a viewer who picked a rung in the menu. */
import type { ViewerLadder } from "../viewer-ladder.ts";
import type { Viewers } from "../viewers.ts";

/** Always `rungIndex`, or the top rung where the ladder is shorter. */
export function fixed(
  _viewers: Viewers,
  _i: number,
  ladder: ViewerLadder,
  _nowMs: number,
  rungIndex: number,
): number {
  return Math.min(rungIndex, ladder.rungCount - 1);
}
