/**
 * The documents a relay follows, read from a parent's answer. A parent is another machine: what it
 * sends is checked before it is believed, and whatever does not fit is no document.
 */
import type { LadderDocument, LadderVariant } from "../../src/hls/ladder-document.ts";
import { parsePath, parseRung } from "../../src/hls/path.ts";
import { readMediaPlaylist } from "../../src/hls/read-media-playlist.ts";
import { readFeedStatus } from "../../src/hls/read-status.ts";
import type { FeedStatus } from "../../src/hls/status.ts";
import type { PlaylistFacts } from "../../src/relay/window.ts";

/** What the relay needs of a media playlist; undefined when it is none of ours. */
export function readPlaylistFacts(text: string): PlaylistFacts | undefined {
  const result = readMediaPlaylist(text);
  if (!result.ok || result.playlist.segments.length === 0) return undefined;
  const { mediaSequence, segments, ended } = result.playlist;
  const epochs: number[] = [];
  const initNames: string[] = [];
  for (const [index, segment] of segments.entries()) {
    const path = parsePath(`/live/f/audio/${segment.uri}`);
    if (path?.kind !== "segment" || path.msn !== mediaSequence + index) return undefined;
    epochs.push(path.epoch);
    if (segment.mapUri === undefined) continue;
    const map = parsePath(`/live/f/audio/${segment.mapUri}`);
    if (map?.kind !== "init") return undefined;
    if (!initNames.includes(map.name)) initNames.push(map.name);
  }
  const lastDurationMs = segments.at(-1)!.durationUs / 1_000;
  return { firstMsn: mediaSequence, epochs, initNames, lastDurationMs, ended };
}

export function readStatus(text: string): FeedStatus | undefined {
  return readFeedStatus(readJson(text));
}

export function readLadder(text: string): LadderDocument | undefined {
  const value = readJson(text);
  if (!isRecord(value) || !isCount(value["version"])) return undefined;
  const { variants } = value;
  if (!isCount(value["targetDurationSec"]) || !Array.isArray(variants)) return undefined;
  return variants.every(isVariant) ? (value as unknown as LadderDocument) : undefined;
}

function isVariant(value: unknown): value is LadderVariant {
  if (!isRecord(value)) return false;
  const { rung, codecs, stableVariantId, bandwidthBitsPerSec, averageBandwidthBitsPerSec } = value;
  const { width, height, frameRate } = value;
  return (
    typeof rung === "string" &&
    parseRung(rung) !== undefined &&
    isQuotable(codecs) &&
    isQuotable(stableVariantId) &&
    isPositive(bandwidthBitsPerSec) &&
    isPositive(averageBandwidthBitsPerSec) &&
    [width, height, frameRate].every((n) => n === undefined || isPositiveNumber(n))
  );
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not JSON: no document, which every caller maps to a parent's failure.
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isPositive(value: unknown): boolean {
  return isCount(value) && value > 0;
}

function isPositiveNumber(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

function isQuotable(value: unknown): boolean {
  return typeof value === "string" && value.length <= 256 && /^[^"\r\n]*$/.test(value);
}
