/**
 * Writes the multivariant playlist from the ladder document. Every node renders its own, so that
 * it may offer less than all: nothing above its cap. URIs are relative to the feed.
 */
import { assert } from "../base/assert.ts";
import type { LadderDocument, LadderVariant } from "./ladder-document.ts";
import { playlistVersion } from "./media-playlist.ts";

/** The text; rungs in the document's order (rising, audio last), those above the cap left out. */
export function writeMultivariantPlaylist(
  ladder: LadderDocument,
  options: { capKbps?: number } = {},
): string {
  const lines = ["#EXTM3U", `#EXT-X-VERSION:${playlistVersion}`, "#EXT-X-INDEPENDENT-SEGMENTS"];
  const bitsPerSecMax = (options.capKbps ?? Infinity) * 1000;
  for (const variant of ladder.variants) {
    if (variant.bandwidthBitsPerSec > bitsPerSecMax) continue;
    lines.push(
      `#EXT-X-STREAM-INF:${attributesOf(variant).join(",")}`,
      `${variant.rung}/index.m3u8`,
    );
  }
  return `${lines.join("\n")}\n`;
}

function attributesOf(variant: LadderVariant): string[] {
  const { width, height, frameRate } = variant;
  return [
    `BANDWIDTH=${bitsPerSec(variant.bandwidthBitsPerSec)}`,
    `AVERAGE-BANDWIDTH=${bitsPerSec(variant.averageBandwidthBitsPerSec)}`,
    `CODECS=${quoted(variant.codecs)}`,
    ...(width === undefined || height === undefined ? [] : [`RESOLUTION=${width}x${height}`]),
    ...(frameRate === undefined ? [] : [`FRAME-RATE=${frameRate.toFixed(3)}`]),
    `STABLE-VARIANT-ID=${quoted(variant.stableVariantId)}`,
  ];
}

function bitsPerSec(value: number): number {
  assert(Number.isSafeInteger(value) && value > 0, `${value} is no rate`);
  return value;
}

function quoted(value: string): string {
  assert(!/["\r\n]/.test(value), `${value} cannot stand in quotes`);
  return `"${value}"`;
}
