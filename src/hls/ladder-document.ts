/**
 * The ladder as the origin describes it to the tiers (`/live/{feed}/ladder.json`, tier ports only).
 * Each node renders its multivariant playlist from it, so that a node may offer less than all.
 */
export interface LadderDocument {
  /** Rises with every change; matches `ladderVersion` of status.json. */
  version: number;
  targetDurationSec: number;
  /** Video rungs in rising order of rate, then `audio` if it is made. */
  variants: LadderVariant[];
}

export interface LadderVariant {
  /** As it stands in URLs: kbps in decimal, or "audio". */
  rung: string;
  bandwidthBitsPerSec: number;
  averageBandwidthBitsPerSec: number;
  /** RFC 6381, from the real avcC and esds. */
  codecs: string;
  /** Absent for audio. */
  width?: number;
  height?: number;
  frameRate?: number;
  stableVariantId: string;
}
