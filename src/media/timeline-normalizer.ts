/**
 * Makes one clean timeline of what a publisher sends: learns what there is before it starts, begins
 * at a keyframe with time 0, repairs small faults of the timestamps, and asks for a new epoch where
 * one encoder run cannot go on. Decides only; the adapter runs the encoder.
 */
import type { SourceDescription } from "./source-description.ts";

/** A tag of the FLV kind: decode time in ms, payload with its codec bytes. */
export interface TimelineTag {
  kind: "audio" | "video" | "script";
  timestampMs: number;
  payload: Uint8Array;
}

export type TimelineDecision =
  /** Start an encoder for this source; the sequence headers follow as tags. */
  | { kind: "start"; source: SourceDescription }
  /** Give this to the encoder. */
  | { kind: "tag"; tag: TimelineTag }
  /** End the encoder: the next "start" begins another epoch. */
  | { kind: "newEpoch"; reason: string }
  /** Turn the publisher away, with this sentence. Nothing follows. */
  | { kind: "refuse"; reason: string };

export class TimelineNormalizer {
  push(_tag: TimelineTag, _nowMs: number): TimelineDecision[] {
    return [];
  }

  /** To be called a few times a second: a missing track is noticed by time alone. */
  tick(_nowMs: number): TimelineDecision[] {
    return [];
  }

  /** Asks for a new epoch from outside, after the encoder died: it starts at the next keyframe. */
  restart(_reason: string, _nowMs: number): TimelineDecision[] {
    return [];
  }
}
