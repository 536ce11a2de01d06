/** The page's beacon of quality of experience: what the viewer got, told to the edge that served it. */
import type { Cmcd, WatchedSession } from "./cmcd.ts";
import { HttpBytes } from "./http-bytes.ts";
import { beaconReport, postReport } from "./post-report.ts";
import { QoeSender } from "./qoe-sender.ts";
import { QoeTotals, type PageCounts } from "./qoe-totals.ts";
import { rungKbpsOf } from "../playback/quality.ts";
import type { SwarmView } from "../sharing/swarm-view.ts";

const contentType = "application/json";

export interface QoeSession extends WatchedSession {
  readonly swarm: SwarmView | null;
}

export class Qoe {
  readonly #video: HTMLVideoElement;
  readonly #session: QoeSession;
  readonly #cmcd: Cmcd;
  readonly #httpBytes = new HttpBytes();
  readonly #totals: QoeTotals;
  readonly #sender: QoeSender;

  constructor(options: {
    video: HTMLVideoElement;
    session: QoeSession;
    cmcd: Cmcd;
    feed: string;
    url: string;
  }) {
    const { video, session, cmcd, feed, url } = options;
    this.#video = video;
    this.#session = session;
    this.#cmcd = cmcd;
    this.#totals = new QoeTotals({ sid: cmcd.sid, feed });
    this.#sender = new QoeSender({
      source: this.#totals,
      post: (body) => postReport({ url, contentType, body }),
      beacon: (body) => beaconReport({ url, contentType, body }),
      random: Math.random(),
    });
    addEventListener("pagehide", () => this.#flush({ isLast: true }));
    // Phones end hidden pages without a word.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#flush({ isLast: false });
    });
  }

  /** To be called at every step of the player, after CMCD's. */
  observe(): void {
    const watch = this.#cmcd.sums();
    // There is nothing to tell of before there is something to play.
    if (watch.token === null) return;
    const { state, playback, latencySec } = this.#session;
    this.#totals.observe({
      face: state.face,
      watch,
      counts: this.#counts(),
      rungKbps: rungKbpsOf(playback?.playingRung ?? null),
      latencyMs: latencySec === null ? null : latencySec * 1_000,
    });
    this.#sender.poll(performance.now());
  }

  #flush({ isLast }: { isLast: boolean }): void {
    this.observe();
    if (this.#cmcd.sums().token !== null) this.#sender.flush(performance.now(), { isLast });
  }

  #counts(): PageCounts {
    const { totalVideoFrames, droppedVideoFrames } = this.#video.getVideoPlaybackQuality();
    const swarm = this.#session.swarm?.stats;
    return {
      httpBytes: this.#httpBytes.total,
      peerBytes: swarm?.peerBytes ?? 0,
      uploadedBytes: swarm?.uploadedBytes ?? 0,
      framesShown: totalVideoFrames - droppedVideoFrames,
      framesDropped: droppedVideoFrames,
    };
  }
}
