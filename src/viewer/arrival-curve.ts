/** When an audience comes: a cumulative curve of shares over time, linear between its points. */

export interface ArrivalPoint {
  atSec: number;
  /** Share of the audience that has arrived by then; the last point's is 1. */
  ratio: number;
}

/** Share of the audience that has arrived by `atSec`. */
export function arrivedRatio(points: readonly ArrivalPoint[], atSec: number): number {
  let before = { atSec: points[0]!.atSec, ratio: 0 };
  for (const point of points) {
    if (atSec < point.atSec) {
      const span = point.atSec - before.atSec;
      if (span <= 0 || atSec < before.atSec) return before.ratio;
      return before.ratio + ((atSec - before.atSec) / span) * (point.ratio - before.ratio);
    }
    before = point;
  }
  return before.ratio;
}

/** When that share of the audience has arrived, s. */
export function arrivalSec(points: readonly ArrivalPoint[], quantile: number): number {
  let before = { atSec: points[0]!.atSec, ratio: 0 };
  for (const point of points) {
    if (quantile <= point.ratio) {
      const span = point.ratio - before.ratio;
      const within = span > 0 ? (quantile - before.ratio) / span : 0;
      return before.atSec + within * (point.atSec - before.atSec);
    }
    before = point;
  }
  return before.atSec;
}
