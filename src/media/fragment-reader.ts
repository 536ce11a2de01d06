/**
 * Reads one single-track fMP4 byte stream (ISO/IEC 14496-12), in chunks of any size, into its
 * track description and fragments of samples. Memory is bounded; a malformed stream ends in one
 * `fault` event and is ignored from there on. Chunks must not be overwritten by their owner.
 */
import type { Fragment, TrackInit } from "./track.ts";

export type FragmentEvent =
  | { kind: "init"; init: TrackInit }
  | { kind: "fragment"; fragment: Fragment }
  | { kind: "fault"; reason: string };

export class FragmentReader {
  /** Takes the next bytes of the stream and returns what they complete, in order. */
  push(_bytes: Uint8Array): FragmentEvent[] {
    return [];
  }
}
