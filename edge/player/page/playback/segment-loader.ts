/**
 * The loader that hls.js gives its segments to: asks other viewers where that is possible, and is
 * hls.js's own loader otherwise. It owns no decision of the swarm; it owns that ABR is told the
 * truth. hls.js takes its estimate from `stats`: of the time since `loading.start` while it loads
 * (then it may abandon a segment), and of all `loaded` bytes when a segment is buffered. So
 * - waiting for a viewer is no loading: it has not begun, and can be neither slow nor abandoned;
 * - a fetch from the edge counts from its own beginning, whoever began it;
 * - a segment from a viewer says nothing of the edge's line: it gives no sample, and the first-byte
 *   time that is expected anyway.
 */
import Hls, {
  type FragmentLoaderContext,
  type HlsConfig,
  type Loader,
  type LoaderCallbacks,
  type LoaderConfiguration,
  type LoaderContext,
  type LoaderStats,
} from "hls.js";
import type { EdgeAnswer, EdgeTiming, SegmentQuestion, SegmentSource } from "./segment-source.ts";

type Callbacks = LoaderCallbacks<FragmentLoaderContext>;

interface Running {
  context: FragmentLoaderContext;
  config: LoaderConfiguration;
  callbacks: Callbacks;
}

interface LoaderOptions {
  source: SegmentSource;
  /** What hls.js's estimator expects now. */
  firstByteMs: () => number;
}

/** A loader's class, as hls.js wants it. */
export function segmentLoader(options: LoaderOptions): NonNullable<HlsConfig["fLoader"]> {
  return class extends SegmentLoader {
    constructor(config: HlsConfig) {
      super(config, options);
    }
  };
}

class SegmentLoader implements Loader<FragmentLoaderContext> {
  context: FragmentLoaderContext | null = null;
  readonly stats: LoaderStats;
  readonly #options: LoaderOptions;
  readonly #inner: Loader<LoaderContext>;
  #waiting: Running | null = null;
  #question: SegmentQuestion | null = null;
  #deadlineTimer: ReturnType<typeof setTimeout> | undefined;
  /** Of the fetch in hls.js's own way, while there is one. */
  #fetched: ((segmentBytes: number) => void) | null = null;

  constructor(config: HlsConfig, options: LoaderOptions) {
    this.#options = options;
    this.#inner = new Hls.DefaultConfig.loader(config);
    this.stats = this.#inner.stats;
  }

  load(context: FragmentLoaderContext, config: LoaderConfiguration, callbacks: Callbacks): void {
    this.context = context;
    const running = { context, config, callbacks };
    if (!isWholeSegment(context)) {
      this.#loadInner(running);
      return;
    }
    this.#waiting = running;
    this.#wait();
    const question = this.#options.source.ask(context.url, {
      edge: (timing) => this.#follow(timing),
      deliver: (bytes, from) => this.#deliver(running, bytes, from),
      refuse: () => this.#fetch(running),
    });
    if (question === null) this.#fetch(running);
    else if (this.#isWaiting(running)) this.#expect(running, question);
    else question.cancel();
  }

  abort(): void {
    const waiting = this.#waiting;
    if (waiting === null) {
      this.#fetchEnded(0);
      this.#inner.abort();
      return;
    }
    this.#giveUp();
    this.stats.aborted = true;
    waiting.callbacks.onAbort?.(this.stats, waiting.context, null);
  }

  destroy(): void {
    if (this.#waiting !== null) this.stats.aborted = true;
    this.#giveUp();
    this.#fetchEnded(0);
    this.context = null;
    this.#inner.destroy();
  }

  getCacheAge(): number | null {
    return this.#inner.getCacheAge?.() ?? null;
  }

  getResponseHeader(name: string): string | null {
    return this.#inner.getResponseHeader?.(name) ?? null;
  }

  #isWaiting(running: Running): boolean {
    return this.#waiting === running;
  }

  /** Whatever the swarm does: when playback would run dry, the edge must be on its way. */
  #expect(running: Running, question: SegmentQuestion): void {
    this.#question = question;
    const delayMs = Math.max(0, question.deadlineMs - performance.now());
    this.#deadlineTimer = setTimeout(() => {
      const isFetching = this.stats.loading.start !== Infinity;
      if (this.#isWaiting(running) && !isFetching) this.#fetch(running);
    }, delayMs);
  }

  #giveUp(): void {
    this.#waiting = null;
    clearTimeout(this.#deadlineTimer);
    this.#question?.cancel();
    this.#question = null;
  }

  /** As one that has not begun: it will never have taken long. */
  #wait(): void {
    const { stats } = this;
    stats.loading.start = Infinity;
    stats.loading.first = 0;
    stats.loaded = 0;
    stats.total = 0;
  }

  #follow(timing: EdgeTiming | null): void {
    if (this.#waiting === null) return;
    if (timing === null) {
      this.#wait();
      return;
    }
    const { stats } = this;
    stats.loading.start = timing.startMs;
    stats.loading.first = timing.firstMs;
    stats.total = timing.totalBytes;
    // Whole is what was compared with its digest: until then hls.js is not to think so.
    stats.loaded = Math.min(timing.loadedBytes, Math.max(timing.totalBytes - 1, 0));
  }

  /** In hls.js's own way, from the beginning. */
  #fetch(running: Running): void {
    if (!this.#isWaiting(running)) return;
    this.#giveUp();
    this.#wait();
    this.stats.loading.start = 0;
    this.#loadInner(running);
  }

  #loadInner({ context, config, callbacks }: Running): void {
    this.#fetched = this.#options.source.fetching(context.url, this.#inner.stats);
    const counting: Callbacks = {
      ...callbacks,
      onSuccess: (response, stats, ...rest) => {
        this.#fetchEnded(isWholeSegment(context) ? stats.loaded : 0);
        callbacks.onSuccess(response, stats, ...rest);
      },
      onError: (...rest) => {
        this.#fetchEnded(0);
        callbacks.onError(...rest);
      },
      onTimeout: (...rest) => {
        this.#fetchEnded(0);
        callbacks.onTimeout(...rest);
      },
    };
    this.#inner.load(context, config, counting as LoaderCallbacks<LoaderContext>);
  }

  #fetchEnded(segmentBytes: number): void {
    this.#fetched?.(segmentBytes);
    this.#fetched = null;
  }

  #deliver(running: Running, bytes: ArrayBuffer, from: EdgeAnswer | null): void {
    if (!this.#isWaiting(running)) return;
    this.#waiting = null;
    clearTimeout(this.#deadlineTimer);
    this.#question = null;
    const { stats } = this;
    const { context, callbacks } = running;
    const timing = from?.timing ?? null;
    const nowMs = performance.now();
    stats.total = bytes.byteLength;
    stats.loading.end = nowMs;
    if (timing === null) {
      stats.loaded = 0;
      stats.loading.first = nowMs;
      stats.loading.start = nowMs - this.#options.firstByteMs();
    } else {
      // Moved to end now: hls.js adds the time until it has parsed the segment.
      const laterMs = nowMs - timing.endMs;
      stats.loaded = bytes.byteLength;
      stats.loading.first = timing.firstMs + laterMs;
      stats.loading.start = timing.startMs + laterMs;
    }
    callbacks.onSuccess(
      { url: context.url, data: bytes, code: 200 },
      stats,
      context,
      from?.response ?? null,
    );
  }
}

/** Not a part, not an init segment, not a range of bytes: what viewers give each other. */
function isWholeSegment({ part, frag, rangeEnd }: FragmentLoaderContext): boolean {
  return part === null && frag.sn !== "initSegment" && !rangeEnd;
}
