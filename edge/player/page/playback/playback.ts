/** The narrow port between the page and whatever plays HLS: hls.js, or the browser itself. */
import type { PlayerEvent } from "../state/player-state.ts";
import type { QualityChoice, QualityRung } from "./quality.ts";
import type { SegmentSource } from "./segment-source.ts";

export interface Playback {
  open(choice: QualityChoice): void;
  close(): void;
  reload(): void;
  recoverMedia(options: { swapAudioCodec: boolean }): void;
  jumpToLive(): void;
  /** Goes back by the viewer's wish, and stays there: nothing catches up. */
  seekBehind(behindSec: number): void;
  /** Another choice of the same playlist, while open. */
  choose(choice: QualityChoice): void;
  /** Looks at what only shows by asking (bytes, distance); called a few times a second. */
  poll(): void;
  /** Whether segments go through the page, and so may come from other viewers. */
  readonly givesSegments: boolean;
  readonly rungs: readonly QualityRung[];
  readonly audioOffered: boolean;
  /** The rung on the screen (or in the ear: "audio"), as it stands in URLs; null before media. */
  readonly playingRung: string | null;
  /** What the next segment is expected to come with; null if the browser does not say. */
  readonly throughputBitsPerSec: number | null;
  /** When the moment now on screen was made; null if the playlist does not say. */
  readonly playingUnixMs: number | null;
  /** Where the viewer may go; null before that is known. */
  readonly seekRange: SeekRange | null;
  /** What only somebody who looks into the player wants to know. */
  statistics(): PlaybackStatistics;
}

export interface SeekRange {
  /** Where live playback is now, on the element's timeline. */
  liveSec: number;
  /** How far behind that there is media, for as long as the playlist keeps its length. */
  windowSec: number;
}

export interface PlaybackStatistics {
  /** What plays, with its version. */
  engine: string;
  /** Media received since the page was opened, from whomever; null if the browser does not say. */
  mediaBytes: number | null;
  /** Where playback wants to be behind the event; null before a playlist. */
  targetLatencySec: number | null;
  /** How often stalls have moved that target back. */
  targetIncreaseCount: number;
  /** Speed of the live edge against the clock: 1 when the broadcast keeps up. */
  driftRatio: number | null;
  /** What the edge said of its cache with the newest segment it was asked for; null if unknown. */
  cacheOutcome: string | null;
}

export interface PlaybackHost {
  video: HTMLVideoElement;
  /** Relative URL of a feed's playlist: of a rung, or the multivariant one. */
  playlistUrl: (rung?: string) => string;
  /** A URL about to be fetched, with what this page says of itself if it is a media playlist's. */
  withCmcd: (url: string) => string;
  /** Who else may have a segment; not asked where the browser itself plays. */
  segments: SegmentSource;
  emit: (event: PlayerEvent) => void;
  /** Rungs, playing rung or audio offer changed. */
  qualityChanged: () => void;
  bandwidthBitsPerSec: { load: () => number | null; store: (bitsPerSec: number) => void };
}
