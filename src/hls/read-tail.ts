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
  // The head, and a part for each segment, which starts with its duration.
  const parts = text.split(extinf);
  const head = parts[0]!;
  const targetDurationSec = numberAfter(head, targetTag);
  const firstMsn = numberAfter(head, sequenceTag, 0);
  if (!(targetDurationSec > 0) || !Number.isSafeInteger(firstMsn)) return undefined;

  const segments: TailSegment[] = [];
  const newFrom = Math.max(1, knownMsn - firstMsn + 2);
  for (let n = newFrom; n < parts.length; n++) {
    const segment = readSegment(parts[n]!, firstMsn + n - 1);
    if (segment === undefined) return undefined;
    segments.push(segment);
  }
  return {
    targetDurationSec,
    firstMsn,
    lastMsn: firstMsn + parts.length - 2,
    ended: parts[parts.length - 1]!.includes("\n#EXT-X-ENDLIST"),
    segments,
    discontinuity: hasBreak(parts, newFrom),
    mapUri: lastMapUri(text),
    endUnixMs: endUnixMs(parts),
  };
}

/** The segment of a part: its URI is the next line that is no tag. */
function readSegment(part: string, msn: number): TailSegment | undefined {
  const durationMs = 1000 * parseFloat(part);
  if (!(durationMs >= 0)) return undefined;
  let start = part.indexOf("\n") + 1;
  while (start > 0 && part.startsWith("#", start)) start = part.indexOf("\n", start) + 1;
  if (start === 0) return undefined;
  const uri = lineAt(part, start);
  return uri === "" ? undefined : { msn, uri, durationMs };
}

/** Whether the timeline breaks at a segment from part `newFrom` on: said before its EXTINF. */
function hasBreak(parts: readonly string[], newFrom: number): boolean {
  if (newFrom >= parts.length) return false;
  for (let n = newFrom - 1; n < parts.length; n++) {
    if (`${parts[n]!}\n`.includes(discontinuityTag)) return true;
  }
  return false;
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
function endUnixMs(parts: readonly string[]): number {
  let sinceMs = 0;
  for (let n = parts.length - 1; n >= 0; n--) {
    const part = parts[n]!;
    const at = part.lastIndexOf(dateTag);
    if (at !== -1) {
      const unixMs = Date.parse(lineAt(part, at + dateTag.length)) + sinceMs;
      return Number.isNaN(unixMs) ? 0 : unixMs;
    }
    sinceMs += 1000 * parseFloat(part);
  }
  return 0;
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
