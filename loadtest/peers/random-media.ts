/** Media that no player plays: random bytes of the size that the rung's rate makes, all different. */
import { randomFillSync } from "node:crypto";
import type { ScriptedMedia } from "./looped-media.ts";

export function randomMedia(feed: {
  rungs: readonly { kbps: number }[];
  segmentDurationMs: number;
  segmentBytes?: number;
}): ScriptedMedia {
  const bytesOf = (kbps: number): number =>
    feed.segmentBytes ?? Math.round((kbps * feed.segmentDurationMs) / 8);
  const bytesMax = Math.max(...feed.rungs.map(({ kbps }) => bytesOf(kbps)));
  const noise = randomFillSync(new Uint8Array(bytesMax + 65_536));
  return {
    init: () => noise.subarray(0, 700),
    // Of the one noise, from another place each.
    segment: (kbps, index) => {
      const offset = (index * 257) % 65_536;
      return noise.subarray(offset, offset + bytesOf(kbps));
    },
  };
}
