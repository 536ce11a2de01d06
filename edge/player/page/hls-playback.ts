/**
 * Playback by hls.js. It reports what happens and does what it is told; what to do about trouble is
 * decided by the state machine. The bundle takes hls.js's light build (build-page.ts says why).
 */
import Hls, { type ErrorData, type Fragment, type HlsConfig, type LevelParsed } from "hls.js";
import type { Playback, PlaybackHost } from "./playback.ts";
import {
  audioRung,
  dataSaverIndex,
  rungOfUrl,
  type QualityChoice,
  type QualityRung,
} from "./quality.ts";

/** Target durations behind the live edge at which hls.js jumps: before a window of 8 has passed by. */
const liveMaxLatencyDurationCount = 7;

/** A first visit begins with the rung of 300: a picture soon, a better one a segment later. */
const firstVisitBitsPerSec = 350_000;

const retries = { maxNumRetry: 6, retryDelayMs: 500, maxRetryDelayMs: 4_000 };

/** The target latency is left to hls.js: three target durations. */
const settings = {
  // It only allows catching up by playing faster: the `scale` profile has no parts.
  lowLatencyMode: true,
  maxLiveSyncPlaybackRate: 1.1,
  liveDurationInfinity: true,
  liveMaxUnchangedPlaylistRefresh: 6,
  backBufferLength: 30,
  maxBufferLength: 30,
  startLevel: -1,
  // Would load and throw away a segment of the lowest rung first: costs a second at start.
  testBandwidth: false,
  startFragPrefetch: true,
  // Fragments need no remuxing; a worker would only add a script to load before the first frame.
  enableWorker: false,
  manifestLoadPolicy: {
    default: {
      maxTimeToFirstByteMs: 10_000,
      maxLoadTimeMs: 20_000,
      timeoutRetry: { maxNumRetry: 1, retryDelayMs: 0, maxRetryDelayMs: 0 },
      errorRetry: null,
    },
  },
  playlistLoadPolicy: {
    default: {
      maxTimeToFirstByteMs: 10_000,
      maxLoadTimeMs: 20_000,
      timeoutRetry: { maxNumRetry: 2, retryDelayMs: 0, maxRetryDelayMs: 0 },
      errorRetry: retries,
    },
  },
} satisfies Partial<HlsConfig>;

export function isHlsSupported(): boolean {
  return Hls.isSupported();
}

export class HlsPlayback implements Playback {
  readonly #host: PlaybackHost;
  #hls: Hls | null = null;
  #choice: QualityChoice = { kind: "auto" };
  #rungs: QualityRung[] = [];
  #audioOffered = false;
  #playingRung: string | null = null;
  #isAudio = false;
  #loading: Fragment | null = null;
  #loadedBytes = 0;

  constructor(host: PlaybackHost) {
    this.#host = host;
  }

  get rungs(): readonly QualityRung[] {
    return this.#rungs;
  }

  get audioOffered(): boolean {
    return this.#audioOffered;
  }

  get playingRung(): string | null {
    return this.#playingRung;
  }

  get throughputBitsPerSec(): number | null {
    return this.#hls?.bandwidthEstimate ?? null;
  }

  get playingUnixMs(): number | null {
    return this.#hls?.playingDate?.getTime() ?? null;
  }

  open(choice: QualityChoice): void {
    this.close();
    this.#choice = choice;
    this.#isAudio = choice.kind === "audioOnly";
    const estimate = this.#host.bandwidthBitsPerSec.load();
    const hls = new Hls({
      ...settings,
      xhrSetup: (request, url) => request.open("GET", this.#host.withCmcd(url), true),
      capLevelToPlayerSize: choice.kind !== "dataSaver",
      abrEwmaDefaultEstimate: Math.min(
        Math.max(estimate ?? firstVisitBitsPerSec, 150_000),
        5_000_000,
      ),
    });
    // Not among the settings: there it demands a fixed target latency beside it.
    hls.config.liveMaxLatencyDurationCount = liveMaxLatencyDurationCount;
    this.#hls = hls;
    this.#listen(hls);
    hls.loadSource(this.#host.playlistUrl(this.#isAudio ? audioRung : undefined));
    hls.attachMedia(this.#host.video);
  }

  close(): void {
    const hls = this.#hls;
    if (hls === null) return;
    this.#hls = null;
    this.#loading = null;
    if (hls.levels.length > 0) this.#host.bandwidthBitsPerSec.store(hls.bandwidthEstimate);
    hls.destroy();
    this.#playingRung = null;
    this.#host.qualityChanged();
  }

  reload(): void {
    this.#hls?.startLoad();
  }

  recoverMedia({ swapAudioCodec }: { swapAudioCodec: boolean }): void {
    if (swapAudioCodec) this.#hls?.swapAudioCodec();
    this.#hls?.recoverMediaError();
    this.#play();
  }

  jumpToLive(): void {
    const position = this.#hls?.liveSyncPosition;
    // Not media-chrome's seek to live: that goes to the very end of what is listed, and stalls.
    if (position !== null && position !== undefined) this.#host.video.currentTime = position;
  }

  choose(choice: QualityChoice): void {
    this.#choice = choice;
    if (this.#hls !== null) this.#applyChoice(this.#hls, { isStarted: true });
  }

  poll(): void {
    const hls = this.#hls;
    if (hls === null) return;
    const loadedBytes = this.#loading?.stats.loaded ?? 0;
    if (loadedBytes !== this.#loadedBytes) {
      this.#loadedBytes = loadedBytes;
      if (loadedBytes > 0) this.#host.emit({ kind: "bytes" });
    }
    const { liveSyncPosition } = hls;
    if (liveSyncPosition !== null && this.#host.video.readyState > 0) {
      const behindSec = liveSyncPosition - this.#host.video.currentTime;
      this.#host.emit({ kind: "distance", behindSec });
    }
  }

  #listen(hls: Hls): void {
    const { Events } = Hls;
    const { emit, qualityChanged } = this.#host;
    hls.on(Events.MANIFEST_LOADED, (_, { levels }) => this.#takeOffer(levels));
    hls.on(Events.MANIFEST_PARSED, () => {
      this.#rungs = this.#isAudio ? this.#rungs : hls.levels.map(qualityRung);
      this.#applyChoice(hls, { isStarted: false });
      qualityChanged();
      this.#play();
    });
    hls.on(Events.LEVEL_LOADED, (_, { details }) => {
      if (!details.live && this.#playingRung === null) emit({ kind: "openedEnded" });
    });
    hls.on(Events.FRAG_LOADING, (_, { frag }) => {
      this.#loading = frag;
      this.#loadedBytes = 0;
    });
    hls.on(Events.FRAG_BUFFERED, () => {
      this.#host.bandwidthBitsPerSec.store(hls.bandwidthEstimate);
      emit({ kind: "segmentBuffered" });
    });
    hls.on(Events.FRAG_CHANGED, (_, { frag }) => {
      const level = hls.levels[frag.level];
      this.#playingRung = this.#isAudio ? audioRung : level ? qualityRung(level).rung : null;
      qualityChanged();
    });
    hls.on(Events.ERROR, (_, data) => this.#report(data));
  }

  /** The multivariant playlist names the audio rung, which hls.js hides beside video. */
  #takeOffer(levels: readonly LevelParsed[]): void {
    if (this.#isAudio) return;
    this.#audioOffered = levels.some(({ url }) => rungOfUrl(url) === audioRung);
  }

  #applyChoice(hls: Hls, { isStarted }: { isStarted: boolean }): void {
    const choice = this.#choice;
    const index =
      choice.kind === "rung" ? this.#rungs.findIndex(({ rung }) => rung === choice.rung) : -1;
    const isSaver = choice.kind === "dataSaver";
    // Both write hls.js's one cap, so they take turns.
    if (hls.capLevelToPlayerSize === isSaver) hls.capLevelToPlayerSize = !isSaver;
    if (isSaver) hls.autoLevelCapping = dataSaverIndex(this.#rungs);
    if (!isStarted) {
      if (index < 0) return;
      hls.startLevel = index;
      hls.loadLevel = index;
    } else if (index >= 0) {
      hls.nextLevel = index;
    } else {
      // Without throwing away what is buffered: that would cost data, not save it.
      hls.loadLevel = -1;
    }
  }

  #report(data: ErrorData): void {
    if (!data.fatal) return;
    const { ErrorTypes, ErrorDetails } = Hls;
    const { emit } = this.#host;
    if (data.type === ErrorTypes.MEDIA_ERROR) emit({ kind: "mediaFailed" });
    else if (data.type !== ErrorTypes.NETWORK_ERROR) emit({ kind: "playbackFailed" });
    else {
      const isMedia =
        data.details === ErrorDetails.FRAG_LOAD_ERROR ||
        data.details === ErrorDetails.FRAG_LOAD_TIMEOUT;
      emit({ kind: "loadFailed", what: isMedia ? "media" : "playlist" });
    }
  }

  #play(): void {
    this.#host.video.play().catch((error: unknown) => {
      // NotAllowedError: the browser wants a tap first; the paused play button is that face.
      if (error instanceof DOMException && error.name === "NotAllowedError") {
        this.#host.emit({ kind: "paused" });
      }
    });
  }
}

function qualityRung(level: { url: string[]; bitrate: number; height: number }): QualityRung {
  const rung = rungOfUrl(level.url[0] ?? "");
  const kbps = rung === null ? Math.round(level.bitrate / 1000) : Number(rung);
  return { rung: rung ?? String(kbps), kbps, height: level.height };
}
