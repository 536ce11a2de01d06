/**
 * The figures of the swarm that more than one part goes by: the core in players, the room at the
 * edge, and the simulator's model of both.
 */
export const swarmParameters = {
  /**
   * A cell is split in half above the most. Below the least, of several, it is merged with another or
   * given some of its viewers; the least is less than half of the most so that a few who come and go
   * do not have cells merged and split in turn.
   */
  cellViewerCountMin: 12,
  cellViewerCountMax: 32,
  /** Neighbours that the room has a newcomer call. */
  dialCount: 4,
  /** Connections a viewer keeps at most; calls beyond it are refused. */
  neighbourCountMax: 12,
  /**
   * Viewers of a cell of the most who fetch a segment from the edge as soon as it is announced; of a
   * smaller one fewer in proportion, but one. More would only fetch what a neighbour has soon.
   */
  seedCount: 2,
  /** Half of the most viewers of a cell: past that, most would rather fetch for themselves. */
  seedCountMax: 16,
  /** Segments that a viewer sends at a time; others are told at once that it is busy. */
  uploadSlotCount: 1,
  /**
   * Kept free before a segment's deadline, beyond what fetching it from the edge is expected to take, of
   * what a neighbour sends by then. For what nobody sends more is kept free (src/swarm/edge-times.ts).
   */
  safetyMs: 700,
  /** Part of the safety that a transfer near its end may use up before the edge is asked as well. */
  graceMs: 350,
  /** Least time that a fetch from the edge is expected to take. */
  fetchMsFloor: 200,
  /** What may be under way on the line when the edge is asked, ms of a line that is full. */
  jamMs: 800,
} as const;
