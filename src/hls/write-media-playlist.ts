/** Writes media playlists as text (RFC 8216bis section 4.4), one fixed order of tags. */
import { assert } from "../base/assert.ts";
import { isPlaylistUri, type MediaPlaylist, type PlaylistSegment } from "./media-playlist.ts";

/** The text of a playlist; asserts that the model is one that text can express. */
export function writeMediaPlaylist(playlist: MediaPlaylist): string {
  const lines = [
    "#EXTM3U",
    `#EXT-X-VERSION:${decimal(playlist.version)}`,
    `#EXT-X-TARGETDURATION:${decimal(playlist.targetDurationSec)}`,
    `#EXT-X-MEDIA-SEQUENCE:${decimal(playlist.mediaSequence)}`,
    // Written even when 0: Apple's authoring specification 8.17 demands it.
    `#EXT-X-DISCONTINUITY-SEQUENCE:${decimal(playlist.discontinuitySequence)}`,
  ];
  if (playlist.independentSegments) lines.push("#EXT-X-INDEPENDENT-SEGMENTS");
  let mapUri: string | undefined;
  for (const segment of playlist.segments) {
    pushSegment(lines, segment, mapUri);
    mapUri = segment.mapUri;
  }
  if (playlist.ended) lines.push("#EXT-X-ENDLIST");
  return `${lines.join("\n")}\n`;
}

function pushSegment(
  lines: string[],
  segment: PlaylistSegment,
  mapUriBefore: string | undefined,
): void {
  assert(isPlaylistUri(segment.uri), `"${segment.uri}" cannot stand in a playlist`);
  if (segment.discontinuity) lines.push("#EXT-X-DISCONTINUITY");
  if (segment.mapUri !== mapUriBefore) {
    assert(segment.mapUri !== undefined, "a playlist cannot take an init segment back");
    assert(isPlaylistUri(segment.mapUri), `"${segment.mapUri}" cannot stand in a playlist`);
    lines.push(`#EXT-X-MAP:URI="${segment.mapUri}"`);
  }
  if (segment.programDateTimeUnixMs !== undefined) {
    const date = new Date(segment.programDateTimeUnixMs).toISOString();
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${date}`);
  }
  lines.push(`#EXTINF:${secondsText(segment.durationUs)},`, segment.uri);
}

function decimal(value: number): string {
  assert(Number.isSafeInteger(value) && value >= 0, `${value} is no decimal-integer`);
  return String(value);
}

/** Decimal seconds with six decimals: exact for microseconds. */
function secondsText(durationUs: number): string {
  assert(Number.isSafeInteger(durationUs) && durationUs >= 0, `${durationUs} us is no duration`);
  const whole = Math.floor(durationUs / 1_000_000);
  return `${whole}.${String(durationUs % 1_000_000).padStart(6, "0")}`;
}
