/**
 * Walks a running origin as a child relay does and keeps what it saw: every version of every media
 * playlist, every segment and init segment with its headers.
 */
import { readMediaPlaylist } from "../../src/hls/read-media-playlist.ts";
import type { MediaPlaylist } from "../../src/hls/media-playlist.ts";
import type { TestOrigin } from "./test-origin.ts";

export interface WalkedObject {
  bytes: Buffer;
  headers: Headers;
}

export interface WalkedRung {
  rung: string;
  /** Each version as text and model, with its headers, oldest first. */
  versions: { text: string; playlist: MediaPlaylist; headers: Headers; atUnixMs: number }[];
  /** By URI. */
  segments: Map<string, WalkedObject>;
  inits: Map<string, WalkedObject>;
}

/** Follows a rung by blocking reloads for so many new segments. */
export async function walkRung(
  origin: TestOrigin,
  rung: string,
  { newSegments }: { newSegments: number },
): Promise<WalkedRung> {
  const walked: WalkedRung = { rung, versions: [], segments: new Map(), inits: new Map() };
  let query = "";
  for (let i = 0; i <= newSegments; i++) {
    const response = await origin.get(`/${rung}/index.m3u8${query}`);
    const atUnixMs = Date.now();
    const text = await response.text();
    const result = readMediaPlaylist(text);
    if (!result.ok) throw new Error(`${rung}${query}: ${response.status} ${text}`);
    const { playlist } = result;
    walked.versions.push({ text, playlist, headers: response.headers, atUnixMs });
    for (const segment of playlist.segments) {
      await keep(origin, rung, walked.segments, segment.uri);
      await keep(origin, rung, walked.inits, segment.mapUri!);
    }
    query = `?_HLS_msn=${playlist.mediaSequence + playlist.segments.length}`;
  }
  return walked;
}

async function keep(
  origin: TestOrigin,
  rung: string,
  kept: Map<string, WalkedObject>,
  uri: string,
): Promise<void> {
  if (kept.has(uri)) return;
  const response = await origin.get(`/${rung}/${uri}`);
  if (response.status !== 200) throw new Error(`${rung}/${uri}: ${response.status}`);
  kept.set(uri, {
    bytes: Buffer.from(await response.arrayBuffer()),
    headers: response.headers,
  });
}
