import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EdgeFetches } from "./edge-fetches.ts";

/** A line over which bytes come when told to, in virtual time. */
class Line {
  /** What peers and hls.js have had of it. */
  otherBytes = 0;
  readonly bodies: ReadableStreamDefaultController<Uint8Array>[] = [];
  readonly fetches = new EdgeFetches({
    url: ({ msn }) => `segment-${msn}`,
    changed: () => undefined,
    otherBytes: () => this.otherBytes,
  });

  /** The result gives it up. */
  async begin(msn: number): Promise<() => void> {
    const body = new ReadableStream<Uint8Array>({ start: (one) => void this.bodies.push(one) });
    const headers = { "X-Cache": "hit" };
    vi.stubGlobal("fetch", () => Promise.resolve(new Response(body, { headers })));
    const events = { progress: () => undefined, end: () => undefined };
    const giveUp = this.fetches.start(idOf(msn), events);
    await this.pass(100);
    return giveUp;
  }

  async pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
  }

  async bring(index: number, bytes: number): Promise<void> {
    this.bodies[index]!.enqueue(new Uint8Array(bytes));
    await this.pass(0);
  }

  async end(index: number): Promise<void> {
    this.bodies[index]!.close();
    await this.pass(0);
  }

  /** Bits a millisecond as ABR reckons them, from the first byte; null without a sample. */
  sampleKbps(msn: number): number | null {
    const timing = this.fetches.take(idOf(msn))?.timing ?? null;
    return timing && (timing.loadedBytes * 8) / (timing.endMs - timing.firstMs);
  }

  /** One segment of 100 kB in a second, beside which others get so much. */
  async segment(msn: number, { otherBytes }: { otherBytes: number }): Promise<number | null> {
    await this.begin(msn);
    const index = this.bodies.length - 1;
    await this.bring(index, 50_000);
    await this.pass(1_000);
    this.otherBytes += otherBytes;
    await this.bring(index, 50_000);
    await this.end(index);
    return this.sampleKbps(msn);
  }
}

const idOf = (msn: number) => ({ rung: 300, epoch: 0, msn });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a fetch that had the line for itself is a sample, once, with the edge's answer", async () => {
  const line = new Line();
  await line.begin(7);
  await line.bring(0, 50_000);
  await line.pass(1_000);
  await line.bring(0, 50_000);
  await line.end(0);
  const answer = line.fetches.take(idOf(7));
  expect(answer?.response.headers.get("X-Cache")).toBe("hit");
  expect(answer?.timing).toMatchObject({ loadedBytes: 100_000 });
  expect(line.fetches.take(idOf(7))).toBeNull();
});

test.each([
  [0, 727],
  [1, null],
  [100_000, null],
])("with %d bytes for others meanwhile ABR hears %d", async (otherBytes, kbps) => {
  const sample = await new Line().segment(1, { otherBytes });
  expect(sample === null ? null : Math.round(sample)).toBe(kbps);
});

test("two fetches beside one another are no samples, and the next one alone is", async () => {
  const line = new Line();
  await line.begin(1);
  await line.begin(2);
  for (const index of [0, 1]) await line.bring(index, 1_000);
  for (const index of [0, 1]) await line.end(index);
  expect([line.sampleKbps(1), line.sampleKbps(2)]).toEqual([null, null]);
  expect(await line.segment(3, { otherBytes: 0 })).not.toBeNull();
});

test("what was given up was on the line all the same", async () => {
  const line = new Line();
  await line.begin(1);
  const giveUp = await line.begin(2);
  await line.bring(1, 1_000);
  giveUp();
  await line.bring(0, 1_000);
  await line.end(0);
  expect(line.sampleKbps(1)).toBeNull();
});

test("on a line never its own, ABR hears each twenty seconds what came over it in all", async () => {
  const line = new Line();
  const heard: [atSec: number, kbps: number][] = [];
  for (let msn = 0; msn < 15; msn += 1) {
    await line.pass(2_900);
    const kbps = await line.segment(msn, { otherBytes: 300_000 });
    if (kbps !== null) heard.push([(msn + 1) * 4, Math.round(kbps)]);
  }
  // 400 kB in a second and a tenth, of which it had 100.
  expect(heard).toEqual([
    [20, 2_909],
    [40, 2_909],
    [60, 2_909],
  ]);
});
