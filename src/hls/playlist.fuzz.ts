/** Fuzz target: media playlists and delivery directives, as a relay gets them from outside. */
import { assert } from "../base/assert.ts";
import { decideOnDirectives, readDeliveryDirectives } from "./delivery-directives.ts";
import { lastMsnOf } from "./media-playlist.ts";
import { readMediaPlaylist } from "./read-media-playlist.ts";
import { writeMediaPlaylist } from "./write-media-playlist.ts";

export const name = "playlist";

export const dictionary = [
  "#EXTM3U\n",
  "#EXT-X-VERSION:",
  "#EXT-X-TARGETDURATION:4\n",
  "#EXT-X-MEDIA-SEQUENCE:",
  "#EXT-X-DISCONTINUITY-SEQUENCE:",
  "#EXT-X-DISCONTINUITY\n",
  "#EXT-X-INDEPENDENT-SEGMENTS\n",
  '#EXT-X-MAP:URI="a"',
  ",BYTERANGE=",
  "#EXT-X-PROGRAM-DATE-TIME:2026-11-22T18:00:00Z\n",
  "#EXTINF:4,\na\n",
  "#EXT-X-KEY:METHOD=NONE\n",
  "#EXT-X-SKIP:",
  "#EXT-X-ENDLIST\n",
  "_HLS_msn=1",
  "&_HLS_part=",
  "&_HLS_skip=YES",
  "9007199254740993",
];

/** What is read can be written, and reads the same again. */
export function fuzz(data: Uint8Array): void {
  let text = "";
  for (const byte of data) text += String.fromCharCode(byte);
  const directives = readDeliveryDirectives(text);
  const result = readMediaPlaylist(text);
  if (!result.ok) {
    assert(result.problems.length > 0, "a refused playlist has a problem");
    return;
  }
  const canonical = writeMediaPlaylist(result.playlist);
  const again = readMediaPlaylist(canonical);
  assert(again.ok, "what was written is a playlist");
  assert(writeMediaPlaylist(again.playlist) === canonical, "writing it again changes nothing");
  if (!directives.ok) return;
  const position = { lastMsn: lastMsnOf(result.playlist), ended: result.playlist.ended };
  decideOnDirectives(directives.directives, position, { msnAheadMax: 4 });
}
