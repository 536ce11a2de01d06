/**
 * Watches one feed for the status page: who publishes and how fast, how late segments are, what its
 * rungs measure, and what goes wrong, in sentences. It only listens, between a feed's parts and the
 * metrics that they count with; it changes nothing.
 */
import type { Clock } from "../../src/base/clock.ts";
import type { FaultLevel } from "../../src/health/fault-log.ts";
import type {
  EncoderFacts,
  FeedFacts,
  PublisherFacts,
  RungFacts,
} from "../../src/health/status-document.ts";
import { rateWindowMs } from "../../src/health/traffic-meter.ts";
import type { LadderVariant } from "../../src/hls/ladder-document.ts";
import type { FeedState } from "../../src/hls/status.ts";
import type { SourceDescription } from "../../src/media/source-description.ts";
import type { Publisher } from "../ingest/publisher.ts";
import type { PackagerMetrics } from "../packager/packager-metrics.ts";
import type { FeedMetrics } from "./feed-metrics.ts";

export interface FeedObserverOptions {
  feed: string;
  clock: Clock;
  isReplay: boolean;
  /** 0: no cap. */
  capBitsPerSec: number;
  note: (level: FaultLevel, text: string) => void;
}

/** What the feed's parts say when they are asked. */
export interface FeedNow {
  status: { state: FeedState; sinceUnixMs: number; lastSegmentUnixMs: number; viewers: number };
  source: SourceDescription | undefined;
  variants: readonly LadderVariant[];
  encoder: EncoderFacts | undefined;
}

/** Segments that the mean of their lag is taken over: about a minute. */
const lagCountMax = 14;

export class FeedObserver {
  readonly #options: FeedObserverOptions;
  readonly #lagsMs: number[] = [];
  readonly #rungs = new Map<string, { measuredBitsPerSec: number; peakBitsPerSec: number }>();
  /** Of publishers' media, sampled once a second; oldest first. */
  readonly #samples: { atMs: number; bytes: number }[] = [];
  #receivedBytes = 0;
  #publisher: { standby: boolean; sinceUnixMs: number } | undefined;
  #state: FeedState = "offline";

  constructor(options: FeedObserverOptions) {
    this.#options = options;
  }

  /** Of publishers' media since the start. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  publisherCame({ standby }: Publisher): void {
    this.#publisher = { standby, sinceUnixMs: Math.round(this.#options.clock.unixMs()) };
  }

  received(byteCount: number): void {
    this.#receivedBytes += byteCount;
  }

  /** `reason` is a predicate: "was taken over by another one". */
  publisherLeft({ standby }: Publisher, reason: string): void {
    this.#publisher = undefined;
    const { feed, note } = this.#options;
    // A test card yields to whoever comes: that is no news.
    if (!standby) note("warning", `the publisher of ${feed} ${reason}`);
  }

  /** To be called once a second. */
  sample(nowMs: number): void {
    this.#samples.push({ atMs: nowMs, bytes: this.#receivedBytes });
    while (this.#samples.length > 2 && this.#samples[1]!.atMs <= nowMs - rateWindowMs) {
      this.#samples.shift();
    }
  }

  /** The same metrics, listened to. */
  ofFeed(metrics: FeedMetrics): FeedMetrics {
    return {
      ...metrics,
      state: (state) => {
        this.#enter(state);
        metrics.state(state);
      },
    };
  }

  /** The same metrics, listened to. */
  ofPackager(metrics: PackagerMetrics): PackagerMetrics {
    const { feed, note } = this.#options;
    return {
      ...metrics,
      listed: (nowUnixMs, lagMs) => {
        this.#lagsMs.push(Math.max(0, lagMs));
        if (this.#lagsMs.length > lagCountMax) this.#lagsMs.shift();
        metrics.listed(nowUnixMs, lagMs);
      },
      measured: (rung, measure) => {
        const { measuredBitsPerSec = 0 } = this.#rungs.get(rung) ?? {};
        const peakBitsPerSec = Math.round(measure.peakBitsPerSec);
        this.#rungs.set(rung, { measuredBitsPerSec, peakBitsPerSec });
        metrics.measured(rung, measure);
      },
      rate: (rung, bitsPerSec) => {
        const { peakBitsPerSec = 0 } = this.#rungs.get(rung) ?? {};
        this.#rungs.set(rung, { measuredBitsPerSec: Math.round(bitsPerSec), peakBitsPerSec });
        metrics.rate(rung, bitsPerSec);
      },
      breached: (rung) => {
        note("warning", `rung ${rung} of ${feed} went above its BANDWIDTH`);
        metrics.breached(rung);
      },
      forgotten: () => {
        this.#rungs.clear();
        metrics.forgotten();
      },
    };
  }

  facts({ status, source, variants, encoder }: FeedNow): FeedFacts {
    const { feed, capBitsPerSec } = this.#options;
    const { state, sinceUnixMs, lastSegmentUnixMs, viewers } = status;
    const lagMs = this.#lagsMs.reduce((sum, each) => sum + each, 0) / this.#lagsMs.length;
    return {
      name: feed,
      ...{ state, sinceUnixMs, lastSegmentUnixMs, viewers },
      ...(capBitsPerSec > 0 ? { capBitsPerSec } : {}),
      rungs: variants.map((variant) => this.#rungFacts(variant)),
      publisher: this.#publisherFacts(source),
      ...(encoder === undefined ? {} : { encoder }),
      ...(Number.isNaN(lagMs) ? {} : { segmentLagMs: Math.round(lagMs) }),
    };
  }

  #enter(state: FeedState): void {
    const before = this.#state;
    this.#state = state;
    const { feed, note } = this.#options;
    if (state === before) return;
    if (state === "waiting") note("bad", `feed ${feed} waits: nothing new comes`);
    if (state === "live" && before === "waiting") note("good", `feed ${feed} is live again`);
  }

  #rungFacts({ rung, bandwidthBitsPerSec, width, height, frameRate }: LadderVariant): RungFacts {
    return {
      rung,
      bandwidthBitsPerSec,
      ...(width === undefined ? {} : { width }),
      ...(height === undefined ? {} : { height }),
      ...(frameRate === undefined ? {} : { frameRate }),
      ...this.#rungs.get(rung),
    };
  }

  #publisherFacts(source: SourceDescription | undefined): PublisherFacts {
    if (this.#options.isReplay) return { kind: "replay" };
    if (this.#publisher === undefined) return { kind: "none" };
    const { standby, sinceUnixMs } = this.#publisher;
    return {
      kind: standby ? "test card" : "main",
      sinceUnixMs,
      bitsPerSec: this.#bitsPerSec(),
      // Nothing else gets past the ingest's codec gates.
      ...(source?.video === undefined ? {} : { video: { codec: "H.264", ...source.video } }),
      ...(source?.audio === undefined ? {} : { audio: { codec: "AAC", ...source.audio } }),
    };
  }

  #bitsPerSec(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last === first) return 0;
    return Math.round(((last.bytes - first.bytes) * 8_000) / (last.atMs - first.atMs));
  }
}
