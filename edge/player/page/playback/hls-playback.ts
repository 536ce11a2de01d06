/**
 * Playback by hls.js. It reports what happens and does what it is told; what to do about trouble is
 * decided by the state machine. The bundle takes hls.js's light build (build-page.ts says why).
 */
import Hls, {
  PlaylistLevelType,
  type ErrorData,
  type Fragment,
  type HlsConfig,
  type Level,
  type LevelDetails,
  type LevelParsed,
  type RetryConfig,
} from "hls.js";
import type { Playback, PlaybackHost, PlaybackStatistics, SeekRange } from "./playback.ts";
import {
  audioRung,
  dataSaverIndex,
  rungOfUrl,
  type QualityChoice,
  type QualityRung,
} from "./quality.ts";
import { segmentLoader } from "./segment-loader.ts";

/** Target durations behind the live edge at which hls.js jumps: before a window of 8 has passed by. */
const liveMaxLatencyDurationCount = 7;

/** Target durations that playback may be behind its target without a jump. */
const latencyRoomCount = 3;

/** Viewers behind by a stall catch up; those who went back stay where they wanted to be. */
const catchUpRateMax = 1.1;

/** A first visit begins with the rung of 300: a picture soon, a better one a segment later. */
const firstVisitBitsPerSec = 350_000;

const retries = { maxNumRetry: 6, retryDelayMs: 500, maxRetryDelayMs: 4_000 };

/**
 * hls.js takes a request that no edge answered for hopeless while the browser has a network, and
 * then skips the segment. But edges restart: it is asked for again, as after any other failure.
 */
const segmentRetries: RetryConfig = {
  ...retries,
  shouldRetry: (config, retryCount, _isTimeout, response, isRetried) =>
    isRetried || (response?.code === 0 && retryCount < (config?.maxNumRetry ?? 0)),
};

/** The target latency is left to hls.js: three target durations. */
const settings = {
  // It only allows catching up by playing faster: the `scale` profile has no parts.
  lowLatencyMode: true,
  maxLiveSyncPlaybackRate: catchUpRateMax,
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
  fragLoadPolicy: {
    default: {
      maxTimeToFirstByteMs: 10_000,
      maxLoadTimeMs: 60_000,
      timeoutRetry: { maxNumRetry: 4, retryDelayMs: 0, maxRetryDelayMs: 0 },
      errorRetry: segmentRetries,
    },
  },
} satisfies Partial<HlsConfig>;

export function isHlsSupported(): boolean {
  return Hls.isSupported();
}

export class HlsPlayback implements Playback {
  readonly givesSegments = true;
  readonly #host: PlaybackHost;
  #hls: Hls | null = null;
  #choice: QualityChoice = { kind: "auto" };
  #rungs: QualityRung[] = [];
  #audioOffered = false;
  #playingRung: string | null = null;
  #isAudio = false;
  #loading: Fragment | null = null;
  #loadedBytes = 0;
  #mediaBytes = 0;
  #cacheOutcome: string | null = null;
  #isBackByWish = false;
  /** The light build, until a broadcast has captions. */
  #build: typeof Hls = Hls;

  constructor(host: PlaybackHost) {
    this.#host = host;
    // What a script feeds cannot be sent to a television; Safari's Managed Media Source wants that said.
    host.video.disableRemotePlayback = true;
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

  /** The newest segments up to the hold-back are no part of it: who played them would stall. */
  get seekRange(): SeekRange | null {
    const hls = this.#hls;
    const details = hls?.latestLevelDetails ?? null;
    const liveSec = hls?.liveSyncPosition ?? null;
    const targetSec = hls?.targetLatency ?? null;
    if (details === null || liveSec === null || targetSec === null) return null;
    return { liveSec, windowSec: details.totalduration - targetSec };
  }

  get playingUnixMs(): number | null {
    return this.#hls?.playingDate?.getTime() ?? null;
  }

  statistics(): PlaybackStatistics {
    const hls = this.#hls;
    const details = hls?.latestLevelDetails ?? null;
    const targetLatencySec = hls?.targetLatency ?? null;
    return {
      engine: `hls.js ${Hls.version}`,
      mediaBytes: this.#mediaBytes,
      targetLatencySec,
      targetIncreaseCount:
        hls === null || details === null || targetLatencySec === null
          ? 0
          : targetIncreases(hls.config, { details, targetLatencySec }),
      driftRatio: details === null ? null : (hls?.drift ?? null),
      cacheOutcome: this.#cacheOutcome,
    };
  }

  open(choice: QualityChoice): void {
    this.close();
    this.#choice = choice;
    this.#isBackByWish = false;
    this.#isAudio = choice.kind === "audioOnly";
    const estimate = this.#host.bandwidthBitsPerSec.load();
    const hls: Hls = new this.#build({
      ...settings,
      fLoader: segmentLoader({
        source: this.#host.segments,
        firstByteMs: () => hls.ttfbEstimate,
      }),
      xhrSetup: (request, url) => request.open("GET", this.#host.withCmcd(url), true),
      capLevelToPlayerSize: choice.kind !== "dataSaver",
      abrEwmaDefaultEstimate: Math.min(
        Math.max(estimate ?? firstVisitBitsPerSec, 150_000),
        5_000_000,
      ),
    });
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
    this.#host.segments.loading(null);
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
    if (position === null || position === undefined) return;
    this.#setBackByWish(false);
    this.#host.video.currentTime = position;
  }

  seekBehind(behindSec: number): void {
    const position = this.#hls?.liveSyncPosition;
    if (position === null || position === undefined) return;
    this.#setBackByWish(true);
    this.#host.video.currentTime = position - behindSec;
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
    hls.on(Events.MANIFEST_LOADED, (_, { levels, subtitles = [], captions = [] }) => {
      this.#takeOffer(levels);
      if (subtitles.length + captions.length > 0) void this.#needCaptions(hls);
    });
    hls.on(Events.MANIFEST_PARSED, () => {
      this.#rungs = this.#isAudio ? this.#rungs : hls.levels.map(qualityRung);
      this.#applyChoice(hls, { isStarted: false });
      qualityChanged();
      this.#play();
    });
    hls.on(Events.LEVEL_LOADED, (_, { details }) => {
      if (!details.live && this.#playingRung === null) emit({ kind: "openedEnded" });
    });
    hls.on(Events.LEVEL_UPDATED, (_, { details }) => this.#limitLatency(hls, details));
    hls.on(Events.FRAG_LOADING, (_, { frag }) => {
      this.#loading = frag;
      this.#loadedBytes = 0;
      const level = hls.levels[frag.level];
      // A caption's level is the number of its language.
      if (level === undefined || frag.type !== PlaylistLevelType.MAIN || frag.sn === "initSegment")
        return;
      this.#host.segments.loading({
        rung: this.#rungOf(level),
        msn: frag.sn,
        isChosen: this.#choice.kind === "rung" || this.#isAudio,
      });
    });
    hls.on(Events.FRAG_LOADED, (_, { frag, payload, networkDetails }) => {
      this.#mediaBytes += payload.byteLength;
      const answer: unknown = networkDetails;
      // Another viewer gave it: the edge was not asked.
      if (frag.type !== PlaylistLevelType.MAIN || answer === null) return;
      this.#cacheOutcome = cacheOutcomeOf(answer);
    });
    hls.on(Events.FRAG_BUFFERED, () => {
      this.#host.bandwidthBitsPerSec.store(hls.bandwidthEstimate);
      emit({ kind: "segmentBuffered" });
    });
    hls.on(Events.FRAG_CHANGED, (_, { frag }) => {
      const level = hls.levels[frag.level];
      this.#playingRung = level ? this.#rungOf(level) : null;
      qualityChanged();
    });
    hls.on(Events.ERROR, (_, data) => this.#report(data));
  }

  #setBackByWish(isBack: boolean): void {
    const hls = this.#hls;
    if (hls === null) return;
    this.#isBackByWish = isBack;
    hls.config.maxLiveSyncPlaybackRate = isBack ? 1 : catchUpRateMax;
    // hls.js leaves the rate as it is when it no longer sets it.
    if (isBack) this.#host.video.playbackRate = 1;
    const details = hls.latestLevelDetails;
    if (details !== null) this.#limitLatency(hls, details);
  }

  /** Says how far behind hls.js leaves a viewer before it jumps to live. */
  #limitLatency(hls: Hls, { targetduration, totalduration }: LevelDetails): void {
    const windowSec = liveMaxLatencyDurationCount * targetduration;
    // Not among the settings: there it demands a fixed target latency beside it. A feed whose
    // hold-back is nearly the window would otherwise be sought out of for ever.
    const roomSec = (hls.targetLatency ?? 0) + latencyRoomCount * targetduration;
    // Whoever wanted to be at the window's far end; what has left it is in the buffer, and a viewer
    // whose buffer runs out there is brought to live without this limit.
    const wishSec = this.#isBackByWish ? totalduration + latencyRoomCount * targetduration : 0;
    hls.config.liveMaxLatencyDuration = Math.max(windowSec, roomSec, wishSec);
  }

  #rungOf(level: Level): string {
    return this.#isAudio ? audioRung : qualityRung(level).rung;
  }

  /** Begins again with what can read them; without it, where that cannot be had. */
  async #needCaptions(hls: Hls): Promise<void> {
    if (this.#build !== Hls) return;
    hls.stopLoad();
    try {
      const full: unknown = (await import("./hls-full.ts")).default;
      // The same class with more in it; its types are of another file.
      this.#build = full as typeof Hls;
    } catch {
      if (this.#hls === hls) hls.startLoad();
      return;
    }
    if (this.#hls === hls) this.open(this.#choice);
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
    if (hls.capLevelToPlayerSize === isSaver) capToPlayer(hls, !isSaver);
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

/** hls.js 1.7.4 does not begin to cap when told to, only when it then hears of other levels. */
function capToPlayer(hls: Hls, isCapped: boolean): void {
  hls.capLevelToPlayerSize = isCapped;
  if (!isCapped) return;
  hls.autoLevelCapping = -1;
  hls.trigger(Hls.Events.LEVELS_UPDATED, { levels: hls.levels });
}

/** From what hls.js's own loader fetched by, or from the swarm's answer. */
function cacheOutcomeOf(answer: unknown): string | null {
  if (answer instanceof XMLHttpRequest) return answer.getResponseHeader("X-Cache");
  return answer instanceof Response ? answer.headers.get("X-Cache") : null;
}

/** hls.js moves its target back by a fixed step at each stall, and does not say how often. */
function targetIncreases(
  config: HlsConfig,
  { details, targetLatencySec }: { details: LevelDetails; targetLatencySec: number },
): number {
  const { liveSyncDurationCount, liveSyncOnStallIncrease } = config;
  const plainSec = details.holdBack || liveSyncDurationCount * details.targetduration;
  return Math.max(0, Math.round((targetLatencySec - plainSec) / liveSyncOnStallIncrease));
}

function qualityRung(level: { url: string[]; bitrate: number; height: number }): QualityRung {
  const rung = rungOfUrl(level.url[0] ?? "");
  const kbps = rung === null ? Math.round(level.bitrate / 1000) : Number(rung);
  return { rung: rung ?? String(kbps), kbps, height: level.height };
}
