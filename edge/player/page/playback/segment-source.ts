/** The port between hls.js's loader and whoever else may have a segment: other viewers. */

/** A fetch from the edge, on the clock of `performance.now()`. */
export interface EdgeTiming {
  startMs: number;
  /** 0 before the first byte. */
  firstMs: number;
  /** 0 before the last. */
  endMs: number;
  loadedBytes: number;
  /** 0 while unknown. */
  totalBytes: number;
}

/** What the edge answered with the bytes. */
export interface EdgeAnswer {
  response: Response;
  /** How the edge's line did; null where that says nothing of it. */
  timing: EdgeTiming | null;
}

/** What comes of a question; `deliver` or `refuse` is called once, the others before it. */
export interface SegmentAnswer {
  /** The segment is being fetched from the edge; null: no longer, it is waited for again. */
  edge(timing: EdgeTiming | null): void;
  /** Bytes of one's own; `from` is null where they came from another viewer. */
  deliver(bytes: ArrayBuffer, from: EdgeAnswer | null): void;
  /** The edge is to be asked in hls.js's own way. */
  refuse(): void;
}

/** A segment that hls.js asks for now. */
export interface AskedSegment {
  /** As it stands in URLs. */
  rung: string;
  msn: number;
  /** The viewer chose the rung. */
  isChosen: boolean;
}

export interface SegmentSource {
  /** What is loaded now; null: nothing plays any more. */
  loading(segment: AskedSegment | null): void;
  /**
   * Asks for the segment at the URL, to be there by `deadlineMs` of the answer's clock; the result
   * gives the question up. Null: the edge is to be asked.
   */
  ask(url: string, answer: SegmentAnswer): SegmentQuestion | null;
  /**
   * Media at the URL is fetched from the edge in hls.js's own way. The result is to be called when that is
   * over, with the bytes if it was a segment and came whole, and with 0 otherwise.
   */
  fetching(url: string, progress: { readonly loaded: number }): (segmentBytes: number) => void;
}

export interface SegmentQuestion {
  /** When playback runs dry without it, on the clock of `performance.now()`. */
  deadlineMs: number;
  cancel(): void;
}
