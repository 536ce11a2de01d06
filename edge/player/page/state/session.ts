/**
 * Drives the state machine from the page: turns DOM and playback events into its events and carries
 * out its commands. The only place with timers.
 */
import type { FeedStatus } from "../../../../src/hls/status.ts";
import type { Playback, PlaybackHost } from "../playback/playback.ts";
import { initialPlayerState, stepPlayer } from "./player-machine.ts";
import type { PlayerCommand, PlayerEvent, PlayerState } from "./player-state.ts";
import type { QualityChoice } from "../playback/quality.ts";
import type { SeekView } from "../controls/seek-bar.ts";
import { isLivePlace } from "../controls/seek-text.ts";
import { sampleServerClock, unknownServerClock } from "./server-clock.ts";
import { StatusFeed, type StatusRoom } from "./status-feed.ts";
import type { ProbeAnswer } from "./status-probe.ts";
import type { SwarmView } from "../sharing/swarm-view.ts";

const tickMs = 250;

export interface SessionOptions {
  video: HTMLVideoElement;
  statusUrl: string;
  /** Opened here, once the edge has answered. */
  room: StatusRoom;
  swarm: SwarmView;
  choice: QualityChoice;
  /** Makes the playback, or null where the browser can play no HLS at all. */
  playback: (emit: PlaybackHost["emit"]) => Playback | null;
  changed: () => void;
}

export class Session {
  readonly playback: Playback | null;
  state: PlayerState;
  status: FeedStatus | null = null;
  /** The sharing between viewers; null where the browser itself plays. */
  readonly swarm: SwarmView | null;
  /** From the start of the navigation to the first frame; null before it. */
  firstFrameMs: number | null = null;
  #choice: QualityChoice;
  readonly #video: HTMLVideoElement;
  readonly #options: SessionOptions;
  readonly #statusFeed: StatusFeed;
  #clock = unknownServerClock;
  #lastPositionSec = 0;
  /** Counts `open`s, so that a frame callback of an earlier one is not taken for this one's. */
  #openCount = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#video = options.video;
    this.#choice = options.choice;
    this.state = initialPlayerState(performance.now(), {
      online: navigator.onLine,
      hidden: document.hidden,
    });
    this.playback = options.playback((event) => this.#takePlayback(event));
    this.swarm = this.playback?.givesSegments === true ? options.swarm : null;
    this.#statusFeed = new StatusFeed({
      url: options.statusUrl,
      room: options.room,
      take: (answer) => this.#takeStatus(answer),
    });
  }

  get choice(): QualityChoice {
    return this.#choice;
  }

  /** How long ago what is on screen was made; null before it is known. */
  get latencySec(): number | null {
    const playingUnixMs = this.playback?.playingUnixMs ?? null;
    if (playingUnixMs === null || this.#clock.offsetMs === null) return null;
    return (Date.now() + this.#clock.offsetMs - playingUnixMs) / 1000;
  }

  begin(): void {
    this.#listen();
    this.dispatch(this.playback === null ? { kind: "unsupported" } : { kind: "begin" });
    setInterval(() => this.#tick(), tickMs);
  }

  dispatch(event: PlayerEvent): void {
    const { state, commands } = stepPlayer(this.state, event, {
      nowMs: performance.now(),
      jitterRatio: Math.random(),
    });
    this.state = state;
    for (const command of commands) this.#carryOut(command);
    this.#options.changed();
  }

  choose(choice: QualityChoice): void {
    const isOtherPlaylist = (choice.kind === "audioOnly") !== (this.#choice.kind === "audioOnly");
    this.#choice = choice;
    if (isOtherPlaylist) this.dispatch({ kind: "reopen" });
    else this.playback?.choose(choice);
    this.#options.changed();
  }

  #takePlayback(event: PlayerEvent): void {
    const isOpening = this.state.playback === "opening" && this.state.feed === "live";
    if (event.kind === "loadFailed" && isOpening && this.#choice.kind === "audioOnly") {
      // A wish remembered from another feed, which offered sound alone.
      this.#choice = { kind: "auto" };
    }
    this.dispatch(event);
  }

  jumpToLive(): void {
    this.playback?.jumpToLive();
    this.dispatch({ kind: "sought", isBack: false });
    this.#play();
  }

  /** Where in the broadcast the viewer is and may go; null without a picture. */
  get seekView(): SeekView | null {
    const range = this.playback?.seekRange ?? null;
    if (range === null || this.state.playback !== "open") return null;
    return {
      windowSec: range.windowSec,
      behindSec: range.liveSec - this.#video.currentTime,
      isLive: !this.state.isBehind && !this.state.isBackByWish,
      playingUnixMs: this.playback?.playingUnixMs ?? null,
    };
  }

  /** Goes to a place behind live; next to live, it is live. A pause stays one. */
  seekBehind(wantedSec: number): void {
    const view = this.seekView;
    if (view === null) return;
    const behindSec = Math.min(wantedSec, view.windowSec);
    const isBack = !isLivePlace({ behindSec, madeUnixMs: null });
    if (isBack) this.playback?.seekBehind(behindSec);
    else this.playback?.jumpToLive();
    this.dispatch({ kind: "sought", isBack });
  }

  seekBy(sec: number): void {
    const view = this.seekView;
    if (view !== null) this.seekBehind(view.behindSec - sec);
  }

  togglePlay(): void {
    if (this.#video.paused) this.#play();
    else this.#video.pause();
  }

  #play(): void {
    // A refusal shows as what it is: the player stays paused.
    this.#video.play().catch(() => this.dispatch({ kind: "paused" }));
  }

  #carryOut(command: PlayerCommand): void {
    switch (command.kind) {
      case "open":
        this.#openCount += 1;
        this.#lastPositionSec = 0;
        this.playback?.open(this.#choice);
        this.#awaitFirstFrame(this.#openCount);
        break;
      case "close":
        this.#openCount += 1;
        this.playback?.close();
        break;
      case "reload":
        this.playback?.reload();
        break;
      case "recoverMedia":
        this.playback?.recoverMedia({ swapAudioCodec: command.swapAudioCodec });
        break;
      case "jumpToLive":
        this.playback?.jumpToLive();
        break;
      case "probe":
        void this.#statusFeed.probe(command.knownVersion);
        break;
    }
  }

  #takeStatus({ event, clockSample }: ProbeAnswer): void {
    if (clockSample !== null) this.#clock = sampleServerClock(this.#clock, clockSample);
    if (event.kind === "status") this.status = event.status;
    this.dispatch(event);
  }

  #awaitFirstFrame(openCount: number): void {
    const video = this.#video;
    const isSound = this.#choice.kind === "audioOnly";
    const hasFrames = "requestVideoFrameCallback" in video;
    const begun = (): void => {
      video.removeEventListener("timeupdate", moved);
      if (openCount !== this.#openCount || this.state.playback !== "opening") return;
      this.firstFrameMs ??= performance.now();
      this.dispatch({ kind: "firstFrame" });
    };
    // Sound alone, hidden tabs and older browsers have no frames to call back for.
    const moved = (): void => {
      if (openCount !== this.#openCount) video.removeEventListener("timeupdate", moved);
      else if (hasFrames && !isSound && !document.hidden) return;
      else if (!video.seeking && !video.paused && video.readyState >= 3) begun();
    };
    video.addEventListener("timeupdate", moved);
    if (hasFrames) video.requestVideoFrameCallback(begun);
  }

  #tick(): void {
    const positionSec = this.#video.currentTime;
    if (positionSec !== this.#lastPositionSec && this.state.playback === "open") {
      this.dispatch({ kind: "progress" });
    }
    this.#lastPositionSec = positionSec;
    this.playback?.poll();
    this.dispatch({ kind: "tick" });
  }

  #listen(): void {
    const video = this.#video;
    video.addEventListener("pause", () => {
      if (!video.ended && this.state.playback !== "closed") this.dispatch({ kind: "paused" });
    });
    video.addEventListener("play", () => this.dispatch({ kind: "resumed" }));
    video.addEventListener("seeked", () => this.dispatch({ kind: "progress" }));
    video.addEventListener("ended", () => this.dispatch({ kind: "playedToEnd" }));
    addEventListener("online", () => this.dispatch({ kind: "online" }));
    addEventListener("offline", () => this.dispatch({ kind: "offline" }));
    document.addEventListener("visibilitychange", () => {
      this.dispatch({ kind: document.hidden ? "hidden" : "shown" });
    });
  }
}
