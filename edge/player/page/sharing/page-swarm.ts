/**
 * The page's part in its viewers' swarm: whether it may take part, what it gives, and which segments
 * are asked of others. The swarm itself is loaded when all of that allows it, and after the first
 * frame: until then, and whenever playback is short of media, segments come from the edge alone.
 */
import { parsePath, parseRung } from "../../../../src/hls/path.ts";
import type { SwarmStats } from "../../../../src/swarm/client-ports.ts";
import type { RoomClient } from "../../../../src/swarm/room-client.ts";
import type { SegmentId } from "../../../../src/swarm/segment.ts";
import { bufferedAheadSec } from "../playback/buffered-ahead.ts";
import { ByteTally } from "../telemetry/byte-tally.ts";
import type {
  AskedSegment,
  SegmentAnswer,
  SegmentQuestion,
  SegmentSource,
} from "../playback/segment-source.ts";
import { SettledRung } from "./settled-rung.ts";
import type { SwarmEngine } from "./swarm-engine.ts";
import { noSwarmStats, type SwarmObstacle, type SwarmView } from "./swarm-view.ts";
import { UploadLimits } from "./upload-limits.ts";

/** With less ahead of the playhead nothing is waited for. */
const aheadMsMin = 1_000;
/** A player that is torn down is opened anew within a second or two, and keeps its cell. */
const closedMsMax = 5_000;
/** After the swarm could not be had. */
const loadAgainMs = 60_000;

export class PageSwarm implements SwarmView, SegmentSource {
  readonly #room: RoomClient;
  readonly #video: HTMLVideoElement;
  readonly #segmentUrl: (id: SegmentId) => string;
  readonly #changed: () => void;
  readonly #limits: UploadLimits;
  #isAllowed: boolean;
  #engine: SwarmEngine | null = null;
  #isLoading = false;
  #loadFailedMs = -Infinity;
  #hasFrame = false;
  /** Fetched before the swarm was loaded. */
  #earlyHttpBytes = 0;
  readonly #ownBytes = new ByteTally();
  /** Told to the room. */
  readonly #rung = new SettledRung();
  #closedTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: {
    room: RoomClient;
    video: HTMLVideoElement;
    segmentUrl: (id: SegmentId) => string;
    /** What the viewer said last, or would have said. */
    isAllowed: boolean;
    changed: () => void;
  }) {
    this.#room = options.room;
    this.#video = options.video;
    this.#segmentUrl = options.segmentUrl;
    this.#isAllowed = options.isAllowed;
    this.#changed = options.changed;
    this.#limits = new UploadLimits(() => this.#apply());
    this.#room.listen(({ kind }) => {
      if (kind === "policy" || kind === "connected" || kind === "disconnected") this.#apply();
    });
  }

  get obstacle(): SwarmObstacle {
    if (this.#room.policy.mode === "off") return "policy";
    if (!isSecureContext) return "insecure";
    if (typeof RTCPeerConnection !== "function") return "noWebRtc";
    if (!this.#isAllowed) return "refused";
    if (this.#limits.isMetered) return "metered";
    if (this.#limits.isBatteryLow) return "battery";
    return this.#limits.isHidden ? "hidden" : "none";
  }

  get stats(): SwarmStats {
    return this.#engine?.stats ?? noSwarmStats;
  }

  get uploadKbpsMax(): number {
    return this.#room.policy.uploadKbpsMax;
  }

  setAllowed(isAllowed: boolean): void {
    this.#isAllowed = isAllowed;
    this.#apply();
  }

  /** To be called a few times a second. */
  poll({ hasFrame }: { hasFrame: boolean }): void {
    if (hasFrame && !this.#hasFrame) {
      this.#hasFrame = true;
      this.#apply();
    }
    this.#engine?.buffer(this.#aheadMs());
  }

  /** The page goes away: what was done is reported while there is somebody to tell. */
  leave(): void {
    this.#engine?.share("nothing");
  }

  comeBack(): void {
    this.#apply();
  }

  loading(segment: AskedSegment | null): void {
    clearTimeout(this.#closedTimer);
    if (segment === null) {
      this.#closedTimer = setTimeout(() => {
        if (this.#rung.clear()) this.#engine?.rung(null);
      }, closedMsMax);
      return;
    }
    const rung = parseRung(segment.rung);
    if (rung === undefined || !this.#rung.take({ ...segment, rung })) return;
    this.#engine?.rung(rung);
    this.#apply();
  }

  ask(url: string, answer: SegmentAnswer): SegmentQuestion | null {
    const engine = this.#engine;
    const aheadMs = this.#aheadMs();
    if (engine?.stats.state !== "on" || aheadMs < aheadMsMin) return null;
    const id = segmentAt(url);
    if (id?.rung !== this.#rung.rung) return null;
    const deadlineMs = performance.now() + aheadMs;
    return { deadlineMs, cancel: engine.want(id, deadlineMs, answer) };
  }

  fetching(url: string, progress: { readonly loaded: number }): (segmentBytes: number) => void {
    const ended = this.#ownBytes.begin(progress);
    const id = segmentAt(url);
    const deadlineMs = performance.now() + this.#aheadMs();
    const fetchEnded = id === null ? undefined : this.#engine?.ownFetch(id, deadlineMs);
    return (segmentBytes) => {
      ended();
      fetchEnded?.();
      if (this.#engine === null) this.#earlyHttpBytes += segmentBytes;
      else this.#engine.addHttpBytes(segmentBytes);
    };
  }

  /** How long playback can go on with what it has. */
  #aheadMs(): number {
    return (bufferedAheadSec(this.#video) * 1_000) / Math.max(this.#video.playbackRate, 1);
  }

  /** Does what now is allowed and possible. */
  #apply(): void {
    const { obstacle } = this;
    const isPossible = obstacle === "none" || obstacle === "hidden" || obstacle === "battery";
    if (isPossible && this.#engine === null) void this.#load();
    this.#engine?.share(obstacle === "none" ? "both" : isPossible ? "take" : "nothing");
    this.#changed();
  }

  async #load(): Promise<void> {
    // Without a rung the browser itself plays: no segment will ever be asked for here.
    const isWanted = this.#hasFrame && this.#rung.rung !== null && !this.#isLoading;
    if (!isWanted || performance.now() - this.#loadFailedMs < loadAgainMs) return;
    this.#isLoading = true;
    try {
      const { SwarmEngine } = await import("./swarm-engine.ts");
      this.#engine = new SwarmEngine({
        room: this.#room,
        segmentUrl: this.#segmentUrl,
        ownBytes: () => this.#ownBytes.bytes,
      });
    } catch {
      // Not to be had now: the edge gives everything, and a later change tries again.
      this.#loadFailedMs = performance.now();
      return;
    } finally {
      this.#isLoading = false;
    }
    this.#engine.addHttpBytes(this.#earlyHttpBytes);
    this.#engine.rung(this.#rung.rung);
    this.#apply();
  }
}

/** Null where there is no segment of picture and sound: captions, init segments. */
function segmentAt(url: string): SegmentId | null {
  const path = parsePath(new URL(url, location.href).pathname);
  if (path?.kind !== "segment") return null;
  const { rung, epoch, msn } = path;
  return { rung, epoch, msn };
}
