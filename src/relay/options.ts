import { statusHoldMsMax } from "../hls/status.ts";

/** What a relay node is told at its start; the same for every node of a simulated tier. */
export interface RelayOptions {
  /** Names of the feeds that exist; any other is unknown. */
  feeds: readonly string[];
  /** Parents in order of preference; decisions name them by index. */
  parentCount: number;
  /** Segments a rung remembers: the window and those that stay fetchable behind it. */
  historyCount: number;
  /** The feed's EXT-X-TARGETDURATION. */
  targetDurationMs: number;
  /** Longest hold of a blocking reload; see `holdMsOf`. */
  holdMsMax: number;
  firstByteTimeoutMs: number;
  progressTimeoutMs: number;
  /** Following a playlist stops when nobody has asked for it this long. */
  idleMs: number;
  cacheBytesMax: number;
  objectBytesMax: number;
  /** Fills of segments and init segments under way at once. */
  fillCountMax: number;
  /** Spreads retries; to be another one for each process. */
  jitterSeed: number;
  /** Whether status and ladder are fetched; a simulation sets them directly instead. */
  followStatus: boolean;
}

/** How long a tier holds a blocking reload: three target durations, within the configured limit. */
export function holdMsOf(options: RelayOptions): number {
  return Math.min(3 * options.targetDurationMs, options.holdMsMax);
}

/** How long a tier holds a child's request for a status. */
export function statusHoldMsOf(options: RelayOptions): number {
  return Math.min(statusHoldMsMax, holdMsOf(options));
}

/** A media playlist older than this many target durations is stale while the feed is live ... */
export const staleAfterDurations = 1.5;
/** ... and past this many it is an error instead of a frozen picture that looks live. */
export const expiredAfterDurations = 3;

/** Bytes of an object that no reader gets before the digest of the whole has been checked. */
export const withheldBytes = 16_384;

/** How far past its last MSN an edge believes a viewer who saw a fresher node. */
export const aheadMsnMax = 4;
