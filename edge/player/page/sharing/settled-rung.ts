/**
 * Which rung a viewer belongs to for its room. To change it is to leave a cell: all connections to
 * peers are closed, there and here. So a rung that hls.js tries for a segment is none to move for;
 * meanwhile its segments come from the edge. Pure.
 */

export interface LoadingSegment {
  rung: number;
  msn: number;
  /** The viewer's own word, not hls.js's guess at the line: there will be no way back soon. */
  isChosen: boolean;
}

export class SettledRung {
  /** Null before the first segment, and while nothing plays. */
  rung: number | null = null;
  /** Asked for last, and of another rung. */
  #other: LoadingSegment | null = null;

  /**
   * Takes a segment that is asked for, perhaps not for the first time; whether the rung is another
   * one now.
   */
  take(segment: LoadingSegment): boolean {
    const other = this.#other;
    this.#other = null;
    if (segment.rung === this.rung) return false;
    const isSecond = other?.rung === segment.rung && other.msn !== segment.msn;
    if (this.rung === null || segment.isChosen || isSecond) {
      this.rung = segment.rung;
      return true;
    }
    this.#other = other?.rung === segment.rung ? other : segment;
    return false;
  }

  /** Nothing plays any more; whether the rung is another one now. */
  clear(): boolean {
    const wasSettled = this.rung !== null;
    this.rung = null;
    this.#other = null;
    return wasSettled;
  }
}
