/**
 * Reads the end of a live media playlist without a full parse: what is new since an MSN. A load
 * generator does this thousands of times a second; in k6 a parse costs 10 times as much. It trusts
 * the order of tags that RFC 8216bis prescribes and checks no more than it needs; a validating
 * reader is read-media-playlist.ts.
 */

export interface PlaylistTail {
  targetDurationSec: number;
  /** MSN of the first segment listed. */
  firstMsn: number;
  /** MSN of the last segment listed; firstMsn - 1 when none is. */
  lastMsn: number;
  /** EXT-X-ENDLIST: no segment will be added. */
  ended: boolean;
  /** The listed segments after the known MSN, oldest first. */
  segments: TailSegment[];
  /** Whether the timeline breaks at one of `segments`. */
  discontinuity: boolean;
  /** The init segment in force at the end; "" when the playlist names none. */
  mapUri: string;
  /** End of the last segment on the wall clock, in ms since 1970; 0 when no date stands near. */
  endUnixMs: number;
}

export interface TailSegment {
  msn: number;
  uri: string;
  durationMs: number;
}

const extinf = "\n#EXTINF:";
const sequenceTag = "\n#EXT-X-MEDIA-SEQUENCE:";
const targetTag = "\n#EXT-X-TARGETDURATION:";
const dateTag = "\n#EXT-X-PROGRAM-DATE-TIME:";
const discontinuityTag = "\n#EXT-X-DISCONTINUITY\n";
const mapTag = "\n#EXT-X-MAP:";

/** The end of the playlist after `knownMsn` (-1: all of it); undefined when the text is none. */
export function readTail(text: string, knownMsn: number): PlaylistTail | undefined {
  if (!text.startsWith("#EXTM3U")) return undefined;
  const targetDurationSec = numberAfter(text, targetTag);
  const firstMsn = numberAfter(text, sequenceTag, 0);
  if (!(targetDurationSec > 0) || !Number.isSafeInteger(firstMsn)) return undefined;

  const segments: TailSegment[] = [];
  let msn = firstMsn - 1;
  let newStart = 0;
  let lastAt = 0;
  for (let at = text.indexOf(extinf); at !== -1; at = text.indexOf(extinf, at + 1)) {
    msn++;
    if (msn <= knownMsn) {
      newStart = at + 1;
    } else {
      const segment = readSegment(text, at + extinf.length, msn);
      if (segment === undefined) return undefined;
      segments.push(segment);
    }
    lastAt = at;
  }
  return {
    targetDurationSec,
    firstMsn,
    lastMsn: msn,
    ended: text.includes("\n#EXT-X-ENDLIST", lastAt),
    segments,
    discontinuity: segments.length > 0 && text.includes(discontinuityTag, newStart),
    mapUri: lastMapUri(text),
    endUnixMs: endUnixMs(text),
  };
}

/** The segment whose EXTINF value starts at `at`: its URI is the next line that is no tag. */
function readSegment(text: string, at: number, msn: number): TailSegment | undefined {
  const durationMs = durationMsAt(text, at);
  if (!(durationMs >= 0)) return undefined;
  let start = text.indexOf("\n", at) + 1;
  while (start > 0 && text.startsWith("#", start)) start = text.indexOf("\n", start) + 1;
  if (start === 0) return undefined;
  const uri = lineAt(text, start);
  return uri === "" ? undefined : { msn, uri, durationMs };
}

/** Searched from the front, where the only one usually stands. */
function lastMapUri(text: string): string {
  let last = text.indexOf(mapTag);
  if (last === -1) return "";
  for (let at = last; at !== -1; at = text.indexOf(mapTag, at + 1)) last = at;
  const start = text.indexOf('URI="', last) + 5;
  return start === 4 ? "" : text.slice(start, text.indexOf('"', start));
}

/** The last date plus the durations from there on. */
function endUnixMs(text: string): number {
  const at = text.lastIndexOf(dateTag);
  if (at === -1) return 0;
  let unixMs = Date.parse(lineAt(text, at + dateTag.length));
  for (let next = text.indexOf(extinf, at); next !== -1; next = text.indexOf(extinf, next + 1)) {
    unixMs += durationMsAt(text, next + extinf.length);
  }
  return Number.isNaN(unixMs) ? 0 : unixMs;
}

function durationMsAt(text: string, at: number): number {
  return 1000 * parseFloat(text.slice(at, at + 16));
}

function lineAt(text: string, start: number): string {
  const end = text.indexOf("\n", start);
  const line = end === -1 ? text.slice(start) : text.slice(start, end);
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

/** The decimal after a tag; `absent` when the tag is not there, NaN when it is no decimal. */
function numberAfter(text: string, tag: string, absent = Number.NaN): number {
  const at = text.indexOf(tag);
  return at === -1 ? absent : parseInt(text.slice(at + tag.length, at + tag.length + 16), 10);
}
