/** The narrow port between the page and whatever plays HLS: hls.js, or the browser itself. */
import type { PlayerEvent } from "./player-state.ts";
import type { QualityChoice, QualityRung } from "./quality.ts";

export interface Playback {
  open(choice: QualityChoice): void;
  close(): void;
  reload(): void;
  recoverMedia(options: { swapAudioCodec: boolean }): void;
  jumpToLive(): void;
  /** Another choice of the same playlist, while open. */
  choose(choice: QualityChoice): void;
  /** Looks at what only shows by asking (bytes, distance); called a few times a second. */
  poll(): void;
  readonly rungs: readonly QualityRung[];
  readonly audioOffered: boolean;
  /** The rung on the screen (or in the ear: "audio"), as it stands in URLs; null before media. */
  readonly playingRung: string | null;
  /** What the next segment is expected to come with; null if the browser does not say. */
  readonly throughputBitsPerSec: number | null;
  /** When the moment now on screen was made; null if the playlist does not say. */
  readonly playingUnixMs: number | null;
}

export interface PlaybackHost {
  video: HTMLVideoElement;
  /** Relative URL of a feed's playlist: of a rung, or the multivariant one. */
  playlistUrl: (rung?: string) => string;
  /** A URL about to be fetched, with what this page says of itself if it is a media playlist's. */
  withCmcd: (url: string) => string;
  emit: (event: PlayerEvent) => void;
  /** Rungs, playing rung or audio offer changed. */
  qualityChanged: () => void;
  bandwidthBitsPerSec: { load: () => number | null; store: (bitsPerSec: number) => void };
}
