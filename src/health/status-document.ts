/**
 * What `/api/status` of every admin port says: this node, all nodes below it, and the feeds, as
 * docs/status.md describes it. Readers ignore fields that they do not know; a change that breaks
 * them raises `version`.
 */
import type { FeedState } from "../hls/status.ts";
import type { NodeHealth } from "./node-health.ts";

export const statusVersion = 1;

export interface StatusDocument {
  version: typeof statusVersion;
  /** The answering node's clock. */
  nowUnixMs: number;
  program: { version: string; commit: string };
  feeds: FeedFacts[];
  /** The answering node first. */
  nodes: NodeHealth[];
}

export interface FeedFacts {
  name: string;
  /** Absent while no parent has said. */
  state?: FeedState;
  sinceUnixMs: number;
  /** When the newest segment was listed; 0 before the first. */
  lastSegmentUnixMs: number;
  /** Over all edges. */
  viewers: number;
  /** ladder.capKbps; absent without a cap, and where it is not known (on relays). */
  capBitsPerSec?: number;
  rungs: RungFacts[];
  /** Known at the origin only. */
  publisher?: PublisherFacts;
  /** Known at the origin only, while an encoder runs. */
  encoder?: EncoderFacts;
  /** From a segment's last picture to its listing, mean of the last minute; at the origin only. */
  segmentLagMs?: number;
}

export interface RungFacts {
  /** As it stands in URLs: kbps, or "audio". */
  rung: string;
  width?: number;
  height?: number;
  frameRate?: number;
  bandwidthBitsPerSec: number;
  /** Over the segments listed now; at the origin only. */
  measuredBitsPerSec?: number;
  /** Highest of this broadcast, by the definition of BANDWIDTH; at the origin only. */
  peakBitsPerSec?: number;
}

export interface PublisherFacts {
  kind: "main" | "test card" | "replay" | "none";
  /** While somebody publishes. */
  sinceUnixMs?: number;
  /** Of the media received, over the last few seconds. */
  bitsPerSec?: number;
  video?: { codec: string; width: number; height: number; frameRate: number };
  audio?: { codec: string; sampleRateHz: number; channelCount: number };
}

export interface EncoderFacts {
  /** Media time encoded per time passed; below 1 it does not keep up. */
  speedRatio: number;
  framesPerSec: number;
}
