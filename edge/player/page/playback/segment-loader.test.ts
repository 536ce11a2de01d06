import Hls, { LoadStats, type FragmentLoaderContext, type LoaderStats } from "hls.js";
import { beforeEach, expect, test, vi } from "vitest";
import { segmentLoader } from "./segment-loader.ts";
import type { EdgeTiming, SegmentAnswer } from "./segment-source.ts";

/** hls.js's own loader, which ends as it is told to. */
class OwnLoader {
  static last: OwnLoader;
  readonly stats: LoaderStats = new LoadStats();
  callbacks!: Record<"onSuccess" | "onError" | "onTimeout", (...args: unknown[]) => void>;

  constructor() {
    OwnLoader.last = this;
  }

  load(_context: unknown, _config: unknown, callbacks: OwnLoader["callbacks"]): void {
    this.callbacks = callbacks;
  }

  abort(): void {
    this.stats.aborted = true;
  }

  destroy(): void {
    this.stats.aborted = true;
  }
}

const whole = contextOf(7);
const init = contextOf("initSegment");

/** As much of it as the loader looks at. */
function contextOf(sn: number | "initSegment"): FragmentLoaderContext {
  return { url: "450/3-7.m4s", part: null, frag: { sn } } as unknown as FragmentLoaderContext;
}

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  return () => vi.useRealTimers();
});

/** A loader before a swarm that takes the question, or not. */
function scene({ takes }: { takes: boolean }) {
  const seen = { fetched: [] as number[], loaded: [] as string[], canceled: 0 };
  let answer: SegmentAnswer | null = null;
  const Loader = segmentLoader({
    source: {
      loading: () => undefined,
      ask: (_, to) => {
        if (!takes) return null;
        answer = to;
        return { deadlineMs: performance.now() + 5_000, cancel: () => void (seen.canceled += 1) };
      },
      fetching: () => (segmentBytes) => void seen.fetched.push(segmentBytes),
    },
    firstByteMs: () => 80,
  });
  const config = { ...Hls.DefaultConfig };
  const own = Hls.DefaultConfig.loader;
  Hls.DefaultConfig.loader = OwnLoader as unknown as typeof own;
  const loader = new Loader(config);
  Hls.DefaultConfig.loader = own;
  const details: unknown[] = [];
  const load = (context: FragmentLoaderContext): void =>
    loader.load(context, {} as never, {
      onSuccess: (_response, stats, _context, networkDetails) => {
        seen.loaded.push(`${stats.loaded} bytes`);
        details.push(networkDetails);
      },
      onError: () => void seen.loaded.push("error"),
      onTimeout: () => void seen.loaded.push("timeout"),
    });
  return { seen, details, loader, load, answer: () => answer!, own: () => OwnLoader.last };
}

const timing: EdgeTiming = {
  startMs: 1_000,
  firstMs: 1_100,
  endMs: 2_100,
  loadedBytes: 100_000,
  totalBytes: 100_000,
};

test("what the swarm fetched from the edge comes with the edge's answer and its time", () => {
  const { load, loader, answer, details, seen } = scene({ takes: true });
  load(whole);
  vi.advanceTimersByTime(4_000);
  const response = new Response(null, { headers: { "X-Cache": "hit" } });
  answer().deliver(new ArrayBuffer(100_000), { response, timing });
  expect(details).toEqual([response]);
  expect(loader.stats.loading).toMatchObject({ start: 2_900, first: 3_000, end: 4_000 });
  expect(seen).toEqual({ loaded: ["100000 bytes"], fetched: [], canceled: 0 });
});

test.each([
  ["another viewer gave", false],
  ["came over a shared line", true],
])("what %s is no sample of the line", (_, isFromEdge) => {
  const { load, loader, answer, details } = scene({ takes: true });
  load(whole);
  vi.advanceTimersByTime(4_000);
  const response = new Response(null);
  answer().deliver(new ArrayBuffer(100_000), isFromEdge ? { response, timing: null } : null);
  expect(details).toEqual([isFromEdge ? response : null]);
  expect(loader.stats).toMatchObject({ loaded: 0, total: 100_000 });
  expect(loader.stats.loading).toMatchObject({ start: 3_920, first: 4_000 });
});

test("a fetch in hls.js's own way is told when it begins, and once when it is over", () => {
  const endings: [
    string,
    FragmentLoaderContext,
    (one: ReturnType<typeof scene>) => void,
    number,
  ][] = [
    ["whole", whole, ({ own }) => own().callbacks.onSuccess({}, { loaded: 5 }, whole, null), 5],
    ["no segment", init, ({ own }) => own().callbacks.onSuccess({}, { loaded: 5 }, init, null), 0],
    ["failed", whole, ({ own }) => own().callbacks.onError({}, whole, null, {}), 0],
    ["too slow", whole, ({ own }) => own().callbacks.onTimeout({}, whole, null), 0],
    ["given up", whole, ({ loader }) => loader.abort(), 0],
  ];
  for (const [name, context, end, bytes] of endings) {
    const one = scene({ takes: false });
    one.load(context);
    expect(one.seen.fetched, name).toEqual([]);
    end(one);
    one.loader.destroy();
    expect(one.seen.fetched, name).toEqual([bytes]);
  }
});

test("when playback would run dry, the edge is asked whatever the swarm does", () => {
  const { load, seen, own, answer } = scene({ takes: true });
  load(whole);
  vi.advanceTimersByTime(4_999);
  expect(own().callbacks).toBeUndefined();
  vi.advanceTimersByTime(1);
  expect(own().callbacks).toBeDefined();
  expect(seen.canceled).toBe(1);
  answer().deliver(new ArrayBuffer(1), null);
  expect(seen.loaded).toEqual([]);
});
