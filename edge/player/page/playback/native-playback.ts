/**
 * Playback by the browser's own HLS, for devices where hls.js cannot run (iPhones before iOS 17.1).
 * It chooses the rung itself; of our choices only audio-only has an effect.
 */
import type { Playback, PlaybackHost, PlaybackStatistics, SeekRange } from "./playback.ts";
import { audioRung, type QualityChoice, type QualityRung } from "./quality.ts";

/** Distance from the end of the seekable range: three target durations, as the playlist implies. */
const holdBackSec = 12;

export function isNativeHlsSupported(video: HTMLVideoElement): boolean {
  return video.canPlayType("application/vnd.apple.mpegurl") !== "";
}

export class NativePlayback implements Playback {
  readonly givesSegments = false;
  readonly rungs: readonly QualityRung[] = [];
  readonly audioOffered = true;
  readonly throughputBitsPerSec = null;
  readonly #host: PlaybackHost;
  #isOpen = false;
  #isAudio = false;
  #bufferedSec = 0;

  constructor(host: PlaybackHost) {
    this.#host = host;
    // A playlist can be sent to a television as it is, by the system's own controls.
    host.video.setAttribute("x-webkit-airplay", "allow");
    host.video.addEventListener("error", () => this.#failed());
    host.video.addEventListener("durationchange", () => {
      const isEnded = this.#isOpen && Number.isFinite(host.video.duration);
      if (isEnded && host.video.currentTime === 0) host.emit({ kind: "openedEnded" });
    });
  }

  get playingRung(): string | null {
    return this.#isOpen && this.#isAudio ? audioRung : null;
  }

  get playingUnixMs(): number | null {
    const video: HTMLVideoElement & { getStartDate?: () => Date } = this.#host.video;
    const startUnixMs = video.getStartDate?.().getTime();
    if (startUnixMs === undefined || Number.isNaN(startUnixMs)) return null;
    return startUnixMs + video.currentTime * 1000;
  }

  open(choice: QualityChoice): void {
    const { video, playlistUrl, qualityChanged, emit } = this.#host;
    this.#isOpen = true;
    this.#isAudio = choice.kind === "audioOnly";
    video.src = playlistUrl(this.#isAudio ? audioRung : undefined);
    qualityChanged();
    video.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "NotAllowedError") {
        emit({ kind: "paused" });
      }
    });
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#host.video.removeAttribute("src");
    this.#host.video.load();
  }

  /** The element has no way to retry: it starts over. */
  reload(): void {
    if (this.#isOpen) this.open({ kind: this.#isAudio ? "audioOnly" : "auto" });
  }

  recoverMedia(): void {
    this.reload();
  }

  get seekRange(): SeekRange | null {
    const liveSec = this.#livePositionSec();
    if (liveSec === null) return null;
    return { liveSec, windowSec: liveSec - this.#host.video.seekable.start(0) };
  }

  jumpToLive(): void {
    const position = this.#livePositionSec();
    if (position !== null) this.#host.video.currentTime = position;
  }

  seekBehind(behindSec: number): void {
    const position = this.#livePositionSec();
    if (position !== null) this.#host.video.currentTime = position - behindSec;
  }

  /** Which rung plays is the browser's decision. */
  choose(): void {
    this.#host.qualityChanged();
  }

  poll(): void {
    if (!this.#isOpen) return;
    const { buffered, currentTime, readyState } = this.#host.video;
    const bufferedSec = buffered.length === 0 ? 0 : buffered.end(buffered.length - 1);
    if (bufferedSec !== this.#bufferedSec) {
      this.#bufferedSec = bufferedSec;
      this.#host.emit({ kind: "segmentBuffered" });
    }
    const position = this.#livePositionSec();
    if (position !== null && readyState > 0) {
      this.#host.emit({ kind: "distance", behindSec: position - currentTime });
    }
  }

  statistics(): PlaybackStatistics {
    return {
      engine: "the browser’s own HLS",
      mediaBytes: null,
      targetLatencySec: holdBackSec,
      targetIncreaseCount: 0,
      driftRatio: null,
      cacheOutcome: null,
    };
  }

  #livePositionSec(): number | null {
    const { seekable } = this.#host.video;
    return seekable.length === 0 ? null : seekable.end(seekable.length - 1) - holdBackSec;
  }

  #failed(): void {
    if (!this.#isOpen) return;
    const isNetwork = this.#host.video.error?.code === MediaError.MEDIA_ERR_NETWORK;
    this.#host.emit(isNetwork ? { kind: "loadFailed", what: "media" } : { kind: "playbackFailed" });
  }
}
