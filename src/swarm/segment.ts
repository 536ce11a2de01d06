/** How a segment is named and what is known of it, among those who exchange segments. */

/** One segment of one rung; the feed is the room's. */
export interface SegmentId {
  /** The rung's kbps, or `audioRung` of src/hls/path.ts. */
  rung: number;
  epoch: number;
  msn: number;
}

/** What the edge says of a segment that it holds whole and checked. */
export interface SegmentFacts extends SegmentId {
  bytes: number;
  /** SHA-256 of the bytes: 64 lower-case hexadecimal digits. */
  sha256: string;
}

/** A name that is the same for the same segment, for maps. */
export function segmentKey({ rung, epoch, msn }: SegmentId): string {
  return `${rung}/${epoch}-${msn}`;
}

/** Whether a is played after b, of one rung. */
export function isAfter(a: SegmentId, b: SegmentId): boolean {
  return a.epoch === b.epoch ? a.msn > b.msn : a.epoch > b.epoch;
}
