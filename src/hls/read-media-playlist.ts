/**
 * Reads media playlists (RFC 8216bis). Never throws: bad text gives every problem found. Unknown
 * tags are ignored, as section 6.3.1 asks; tags that would change which bytes a segment is (keys,
 * byte ranges, delta updates) are refused rather than misread.
 */
import { readAttributeList } from "./attribute-list.ts";
import { isPlaylistUri, type MediaPlaylist, type PlaylistSegment } from "./media-playlist.ts";

/** What is wrong with a line: its number from 1 (0: the whole text), the tag, the rule broken. */
export interface PlaylistProblem {
  line: number;
  key: string;
  rule: string;
  got: string;
}

export type MediaPlaylistResult =
  { ok: true; playlist: MediaPlaylist } | { ok: false; problems: PlaylistProblem[] };

/** A window of an hour at 4 s segments is 900 segments, about 120 kB; past these it is no playlist. */
export const playlistCharsMax = 1_048_576;
const problemCountMax = 20;

export function readMediaPlaylist(text: string): MediaPlaylistResult {
  if (text.length > playlistCharsMax) {
    const rule = `must have at most ${playlistCharsMax} characters`;
    return { ok: false, problems: [{ line: 0, key: "", rule, got: String(text.length) }] };
  }
  const reader = new Reader();
  for (const line of text.split("\n")) {
    reader.line(line.endsWith("\r") ? line.slice(0, -1) : line);
    if (reader.problems.length >= problemCountMax) break;
  }
  return reader.result();
}

type HeaderKey = "version" | "targetDurationSec" | "mediaSequence" | "discontinuitySequence";

/** Tags that say one decimal number about the whole playlist. */
const headerNumbers: Readonly<Record<string, HeaderKey | undefined>> = {
  "#EXT-X-VERSION": "version",
  "#EXT-X-TARGETDURATION": "targetDurationSec",
  "#EXT-X-MEDIA-SEQUENCE": "mediaSequence",
  "#EXT-X-DISCONTINUITY-SEQUENCE": "discontinuitySequence",
};

const refusedTags = new Set(["#EXT-X-BYTERANGE", "#EXT-X-SKIP", "#EXT-X-STREAM-INF"]);

class Reader {
  readonly problems: PlaylistProblem[] = [];
  readonly #header: Partial<Record<HeaderKey, number>> = {};
  readonly #segments: PlaylistSegment[] = [];
  #lineNumber = 0;
  #independentSegments = false;
  #ended = false;
  #durationUs: number | undefined;
  #discontinuity = false;
  #programDateTimeUnixMs: number | undefined;
  #mapUri: string | undefined;

  line(line: string): void {
    this.#lineNumber += 1;
    if (this.#lineNumber === 1) {
      if (line !== "#EXTM3U") this.#problem("#EXTM3U", "must be the first line", line);
      return;
    }
    if (line === "") return;
    if (!line.startsWith("#")) this.#segment(line);
    else if (line.startsWith("#EXT")) this.#tag(line);
  }

  result(): MediaPlaylistResult {
    if (this.#durationUs !== undefined) {
      this.#problem("#EXTINF", "must be followed by a segment URI", "the end");
    }
    const { version, targetDurationSec, mediaSequence, discontinuitySequence } = this.#header;
    if (targetDurationSec === undefined) {
      this.#problem("#EXT-X-TARGETDURATION", "must be there", "nothing");
    }
    if (this.problems.length > 0 || targetDurationSec === undefined) {
      return { ok: false, problems: this.problems };
    }
    return {
      ok: true,
      playlist: {
        version: version ?? 1,
        targetDurationSec,
        mediaSequence: mediaSequence ?? 0,
        discontinuitySequence: discontinuitySequence ?? 0,
        independentSegments: this.#independentSegments,
        ended: this.#ended,
        segments: this.#segments,
      },
    };
  }

  #tag(line: string): void {
    const colon = line.indexOf(":");
    const key = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1);
    const headerKey = Object.hasOwn(headerNumbers, key) ? headerNumbers[key] : undefined;
    if (headerKey !== undefined) return this.#headerNumber(key, headerKey, value);
    if (refusedTags.has(key)) return this.#problem(key, "is not supported", value);
    switch (key) {
      case "#EXTINF":
        return this.#extinf(value);
      case "#EXT-X-MAP":
        return this.#map(value);
      case "#EXT-X-KEY":
        if (value !== "METHOD=NONE")
          this.#problem(key, "is supported with METHOD=NONE only", value);
        return;
      case "#EXT-X-PROGRAM-DATE-TIME":
        return this.#programDateTime(value);
      case "#EXT-X-DISCONTINUITY":
        this.#discontinuity = true;
        return;
      case "#EXT-X-INDEPENDENT-SEGMENTS":
        this.#independentSegments = true;
        return;
      case "#EXT-X-ENDLIST":
        this.#ended = true;
        return;
      default:
    }
  }

  #headerNumber(key: string, headerKey: HeaderKey, value: string): void {
    const number = readDecimalInteger(value);
    if (number === undefined) return this.#problem(key, "must be a decimal number", value);
    if (this.#header[headerKey] !== undefined) return this.#problem(key, "must stand once", value);
    const counts = headerKey === "mediaSequence" || headerKey === "discontinuitySequence";
    if (counts && this.#segments.length > 0) {
      return this.#problem(key, "must stand before the first segment", value);
    }
    this.#header[headerKey] = number;
  }

  #extinf(value: string): void {
    const comma = value.indexOf(",");
    const durationUs = readSecondsAsUs(comma < 0 ? value : value.slice(0, comma));
    if (durationUs === undefined) {
      return this.#problem("#EXTINF", "must begin with decimal seconds", value);
    }
    if (this.#durationUs !== undefined) {
      return this.#problem("#EXTINF", "must stand once a segment", value);
    }
    this.#durationUs = durationUs;
  }

  #map(value: string): void {
    const attributes = readAttributeList(value);
    const uri = attributes?.get("URI");
    if (attributes === undefined || uri === undefined || !isPlaylistUri(uri)) {
      return this.#problem("#EXT-X-MAP", "must have a URI", value);
    }
    if (attributes.has("BYTERANGE")) {
      return this.#problem("#EXT-X-MAP", "is not supported with BYTERANGE", value);
    }
    this.#mapUri = uri;
  }

  #programDateTime(value: string): void {
    const unixMs = readDateTime(value);
    if (unixMs === undefined) {
      return this.#problem("#EXT-X-PROGRAM-DATE-TIME", "must be an ISO 8601 date and time", value);
    }
    this.#programDateTimeUnixMs = unixMs;
  }

  #segment(uri: string): void {
    if (!isPlaylistUri(uri)) return this.#problem("URI", "must be printable without spaces", uri);
    if (this.#durationUs === undefined) {
      return this.#problem("URI", "must follow an #EXTINF", uri);
    }
    this.#segments.push({
      uri,
      durationUs: this.#durationUs,
      discontinuity: this.#discontinuity,
      ...(this.#mapUri === undefined ? {} : { mapUri: this.#mapUri }),
      ...(this.#programDateTimeUnixMs === undefined
        ? {}
        : { programDateTimeUnixMs: this.#programDateTimeUnixMs }),
    });
    this.#durationUs = undefined;
    this.#discontinuity = false;
    this.#programDateTimeUnixMs = undefined;
  }

  #problem(key: string, rule: string, got: string): void {
    const shown = got.length > 80 ? `${got.slice(0, 77)}...` : got;
    this.problems.push({ line: this.#lineNumber, key, rule, got: shown });
  }
}

function readDecimalInteger(text: string): number | undefined {
  if (!/^\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Decimals past the sixth are cut. */
function readSecondsAsUs(text: string): number | undefined {
  const match = /^(\d{1,9})(?:\.(\d{1,20}))?$/.exec(text);
  if (match === null) return undefined;
  const decimals = (match[2] ?? "").slice(0, 6).padEnd(6, "0");
  return Number(match[1]) * 1_000_000 + Number(decimals);
}

/** The last instant with a year of four digits. */
const dateTimeUnixMsMax = 253_402_300_799_999;
const dateTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})$/;

function readDateTime(text: string): number | undefined {
  if (!dateTime.test(text)) return undefined;
  const withColon = text.replace(/([+-]\d{2})(\d{2})$/, "$1:$2");
  const unixMs = Date.parse(withColon);
  return unixMs >= 0 && unixMs <= dateTimeUnixMsMax ? unixMs : undefined;
}
