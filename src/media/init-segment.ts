/**
 * Writes the init segments (ftyp and moov) of our rungs: video as track 1, sound as track 2, in our
 * timescales, fragmented, without an edit list.
 */
import type { TrackInit } from "./track.ts";

/** The init segment of a rung: video and sound, video alone, or sound alone. */
export function writeInitSegment(_tracks: { video?: TrackInit; audio?: TrackInit }): Uint8Array {
  return new Uint8Array();
}
