/** What the origin says of itself to operators: its feeds, its traffic, and what went wrong. */
import type { Clock } from "../src/base/clock.ts";
import { kbpsToBitsPerSec } from "../src/base/units.ts";
import type { Config } from "../src/config/schema.ts";
import type { FeedFacts } from "../src/health/status-document.ts";
import type { LadderDocument } from "../src/hls/ladder-document.ts";
import { originMetrics } from "../src/metrics/origin.ts";
import type { Metrics } from "../src/node/metrics.ts";
import { NodeWatch } from "../src/node/node-watch.ts";
import { FeedObserver } from "./feed/feed-observer.ts";
import type { FeedPipeline } from "./feed/feed-pipeline.ts";
import type { PublishHandlers } from "./ingest/publisher.ts";
import { originFaults, type CounterReading } from "./origin-faults.ts";

export interface OriginHealthOptions {
  config: Config;
  clock: Clock;
  metrics: Metrics;
  process: () => number;
  ready: () => { ready: boolean; reason?: string };
  /** Of child relays. */
  connectionCount: () => number;
}

export class OriginHealth {
  readonly watch: NodeWatch;
  readonly #options: OriginHealthOptions;
  readonly #observers: ReadonlyMap<string, FeedObserver>;
  #pipelines: readonly FeedPipeline[] = [];
  #sentBytes = 0;
  #counters: CounterReading[] | undefined;

  constructor(options: OriginHealthOptions) {
    const { config, process, clock, metrics } = options;
    this.#options = options;
    const feeds = config.feeds.map(({ name }) => name);
    this.#observers = new Map(
      feeds.map((feed) => [
        feed,
        new FeedObserver({
          ...{ feed, clock },
          isReplay: config.origin.source !== "rtmp",
          capBitsPerSec: kbpsToBitsPerSec(config.ladder.capKbps ?? 0),
          note: (level, text) => this.watch.note(level, text),
        }),
      ]),
    );
    this.watch = new NodeWatch({
      ...{ name: config.node.name, process, clock, tier: "origin" },
      totals: () => ({
        toViewersBytes: 0,
        toChildrenBytes: this.#sentBytes,
        fillBytes: this.#receivedBytes(),
        lookupCount: 0,
        hitCount: 0,
      }),
      facts: () => ({
        ready: options.ready(),
        feeds: feeds.map((feed) => ({ name: feed, viewers: 0, isStale: false })),
        connectionCount: options.connectionCount(),
        capacityBitsPerSec: 0,
        ejectedParents: [],
      }),
      inspect: () => this.#inspect(),
    });
    metrics.totals(originMetrics.nodeReportsRefused, [{}], () => this.watch.refusedCount);
  }

  observer(feed: string): FeedObserver {
    return this.#observers.get(feed)!;
  }

  start(pipelines: readonly FeedPipeline[]): void {
    this.#pipelines = pipelines;
    this.watch.start();
  }

  /** Body bytes went to a child. */
  sent(byteCount: number): void {
    this.#sentBytes += byteCount;
  }

  /** The pipelines' handlers, listened to. */
  publishHandlers(): PublishHandlers {
    const pipelines = new Map(this.#pipelines.map((feed) => [feed.name, feed]));
    return {
      publishStart: (publisher) => {
        this.observer(publisher.feed).publisherCame(publisher);
        pipelines.get(publisher.feed)!.publishStart(publisher);
      },
      tag: (publisher, tag) => {
        this.observer(publisher.feed).received(tag.payload.length);
        pipelines.get(publisher.feed)!.tag(publisher, tag);
      },
      publishEnd: (publisher, reason) => {
        this.observer(publisher.feed).publisherLeft(publisher, reason);
        pipelines.get(publisher.feed)!.publishEnd(publisher);
      },
    };
  }

  async feedFacts(): Promise<FeedFacts[]> {
    const { metrics } = this.#options;
    const [speeds, frameRates] = await Promise.all([
      metrics.valuesOf(originMetrics.transcodeSpeed),
      metrics.valuesOf(originMetrics.transcodeFrameRate),
    ]);
    const valueFor = (values: typeof speeds, feed: string): number =>
      values.find(({ labels }) => labels["feed"] === feed)?.value ?? 0;
    return this.#pipelines.map((pipeline) => {
      const { name, packager, source } = pipeline;
      const speedRatio = valueFor(speeds, name);
      const framesPerSec = valueFor(frameRates, name);
      return this.observer(name).facts({
        status: pipeline.status(),
        source,
        variants: packager.ladder === undefined ? [] : variantsOf(packager.ladder.plain),
        encoder: speedRatio > 0 ? { speedRatio, framesPerSec } : undefined,
      });
    });
  }

  #receivedBytes(): number {
    let sum = 0;
    for (const { receivedBytes } of this.#observers.values()) sum += receivedBytes;
    return sum;
  }

  #inspect(): void {
    const nowMs = this.#options.clock.nowMs();
    for (const observer of this.#observers.values()) observer.sample(nowMs);
    void this.#readCounters();
  }

  /** What only the metrics count. */
  async #readCounters(): Promise<void> {
    const { metrics } = this.#options;
    const { rtmpEnds, rtmpLimits, windowLimits, tierHeldLimits, tierCutOff, stateWriteErrors } =
      originMetrics;
    const specs = [
      rtmpEnds,
      rtmpLimits,
      windowLimits,
      tierHeldLimits,
      tierCutOff,
      stateWriteErrors,
    ];
    const now = await Promise.all(
      specs.map(async ({ name }) => ({ name, values: await metrics.valuesOf({ name }) })),
    );
    const before = this.#counters;
    this.#counters = now;
    if (before === undefined) return;
    for (const { level, text } of originFaults(before, now)) this.watch.note(level, text);
  }
}

function variantsOf(ladder: Uint8Array): LadderDocument["variants"] {
  return (JSON.parse(Buffer.from(ladder).toString("utf8")) as LadderDocument).variants;
}
