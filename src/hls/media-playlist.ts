/**
 * The model of a live media playlist without parts, as RFC 8216bis defines it and the `scale`
 * profile uses it. Times are integers; the text form (decimal seconds, ISO dates) belongs to
 * write-media-playlist.ts and read-media-playlist.ts.
 */

/** EXT-X-VERSION that covers all we write: EXT-X-MAP without I-FRAMES-ONLY needs 6 (section 8). */
export const playlistVersion = 6;

export interface MediaPlaylist {
  /** EXT-X-VERSION. */
  version: number;
  targetDurationSec: number;
  /** MSN of the first segment listed. */
  mediaSequence: number;
  /** Discontinuity number of the first segment before its own `discontinuity` is counted. */
  discontinuitySequence: number;
  /** Every segment decodes on its own. */
  independentSegments: boolean;
  /** EXT-X-ENDLIST: no segment will be added. */
  ended: boolean;
  segments: PlaylistSegment[];
}

export interface PlaylistSegment {
  uri: string;
  /** Microseconds: EXTINF has six decimals. */
  durationUs: number;
  /** Whether the timeline breaks just before this segment. */
  discontinuity: boolean;
  /** The init segment in force here; the text names it only where it changes. */
  mapUri?: string;
  /** Wall clock of the first sample, where the text says so. */
  programDateTimeUnixMs?: number;
}

/** MSN of the last segment listed; mediaSequence - 1 when none is. */
export function lastMsnOf(playlist: MediaPlaylist): number {
  return playlist.mediaSequence + playlist.segments.length - 1;
}

/** Whether the text can stand as a URI line or a quoted attribute: no control, space or quote. */
export function isPlaylistUri(uri: string): boolean {
  return uri !== "" && uri.length <= 2048 && !uri.startsWith("#") && !/[^\x21\x23-\x7e]/.test(uri);
}
