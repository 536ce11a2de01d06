/** The tasks of the comparison: how long segments are, and how far behind the live edge viewers are. */
export interface Task {
  name: string;
  framesPerSegment: number;
  /** Segments of the recording; together they last whole frames of sound. */
  recordedCount: number;
  /** Segments that a playlist lists. */
  playlistCount: number;
  latencySec: number;
  /** HOLD-BACK; null: players keep three target durations. */
  holdBackSec: number | null;
  /** Segments of the measured window. */
  measuredCount: number;
  /**
   * What the library takes for urgent. It asks peers only for what is not, and so needs a latency of
   * this and two segments; smaller, and it has no time left to ask the edge.
   */
  highDemandSec: number;
}

export const kbps = 300;

export const tasks: readonly Task[] = [
  {
    name: "4.3 s segments, 12 s latency",
    framesPerSegment: 128,
    recordedCount: 16,
    playlistCount: 8,
    latencySec: 12,
    holdBackSec: null,
    measuredCount: 14,
    highDemandSec: 3,
  },
  {
    name: "1 s segments, 8 s latency",
    framesPerSegment: 30,
    recordedCount: 48,
    playlistCount: 24,
    latencySec: 8,
    holdBackSec: 8,
    measuredCount: 45,
    highDemandSec: 2,
  },
  {
    name: "1 s segments, 4 s latency",
    framesPerSegment: 30,
    recordedCount: 48,
    playlistCount: 24,
    latencySec: 4,
    holdBackSec: 4,
    measuredCount: 45,
    highDemandSec: 1,
  },
];
