import { pino } from "pino";
import { expect, test } from "vitest";
import type { LadderRung } from "../../src/govern/effective-ladder.ts";
import type { LadderDocument } from "../../src/hls/ladder-document.ts";
import { readMediaPlaylist } from "../../src/hls/read-media-playlist.ts";
import type { MediaPlaylist } from "../../src/hls/media-playlist.ts";
import { FeedPackager, type NewSegment } from "./feed-packager.ts";
import { mediaObject } from "./media-object.ts";
import type { PackagerMetrics } from "./packager-metrics.ts";
import type { RungInit } from "./rung-init.ts";

const startUnixMs = Date.UTC(2026, 10, 22);
const segmentTicks = 2 * 64 * 640;

const rung: LadderRung = {
  ...{ rung: "300", kbps: 300, width: 480, height: 270, avcLevel: "3.0" },
  ...{ videoBitsPerSec: 221_000, bufferBits: 110_500 },
};

function initOf(name: string): RungInit {
  const object = mediaObject(Buffer.from(name));
  const hash = object.sha256.slice(0, 16);
  return { object, hash, codecs: `avc1.${name}`, width: 480, height: 270, frameRate: 30 };
}

class Bench {
  readonly events: string[] = [];
  /** As the metrics were told last. */
  readonly rates = new Map<string, number>();
  readonly packager: FeedPackager;
  #msn = 100;
  #ticks = 192_000;

  constructor({ bytesMax = 1e9, segmentCount = 6 } = {}) {
    const metrics: PackagerMetrics = {
      listed: () => undefined,
      measured: () => undefined,
      rate: (name, bitsPerSec) => this.rates.set(name, bitsPerSec),
      forgotten: () => this.rates.clear(),
      breached: (name) => this.events.push(`breach ${name}`),
      windowBytes: () => undefined,
      windowLimited: (count) => {
        if (count > 0) this.events.push(`limited ${count}`);
      },
    };
    this.packager = new FeedPackager({
      feed: "main",
      window: { segmentCount, bytesMax },
      counters: {
        ...{ continued: false, epoch: 1, discontinuitySequence: 0 },
        takeMsn: () => this.#msn++,
      },
      clock: { nowMs: () => 0, unixMs: () => startUnixMs },
      log: pino({ level: "silent" }),
      metrics,
    });
  }

  append(over: Partial<NewSegment> & { init?: string; byteCount?: number } = {}): void {
    const { init = "a", byteCount = 100_000, ...rest } = over;
    this.packager.append({
      epoch: 1,
      startTicks: this.#ticks,
      durationTicks: segmentTicks,
      startUnixMs: startUnixMs + (this.#ticks - 192_000) / 19.2,
      rungs: [{ rung, init: initOf(init), bytes: Buffer.alloc(byteCount, this.#msn) }],
      ...rest,
    });
    this.#ticks += segmentTicks;
  }

  text(): string {
    return Buffer.from(this.packager.playlist("300")!.plain).toString();
  }

  playlist(): MediaPlaylist {
    const result = readMediaPlaylist(this.text());
    if (!result.ok) throw new Error("not a playlist");
    return result.playlist;
  }

  ladder(): LadderDocument {
    return JSON.parse(Buffer.from(this.packager.ladder!.plain).toString()) as LadderDocument;
  }
}

/** Milliseconds since the start of what the playlist dates. */
function dates(bench: Bench): number[] {
  return bench.playlist().segments.map((one) => one.programDateTimeUnixMs! - startUnixMs);
}

test("the init segment is named once, and again where another one begins", () => {
  const bench = new Bench();
  bench.append();
  bench.append();
  bench.append({ epoch: 2 });
  bench.append({ epoch: 3, init: "b" });
  const tags = bench.text().match(/#EXT-X-(MAP|DISCONTINUITY)\b(?!-)|^\d.*/gm);
  expect(tags).toEqual([
    "#EXT-X-MAP",
    "1-100.m4s",
    "1-101.m4s",
    "#EXT-X-DISCONTINUITY",
    "2-102.m4s",
    "#EXT-X-DISCONTINUITY",
    "#EXT-X-MAP",
    "3-103.m4s",
  ]);
});

test("dates follow the media within an epoch, and never go back at the next", () => {
  const bench = new Bench();
  bench.append();
  bench.append();
  expect(dates(bench)).toEqual([0, 4267]);
  // An epoch whose clock says that it began while the former one's media still ran.
  bench.append({ epoch: 2, startUnixMs: startUnixMs + 7_000 });
  bench.append({ epoch: 2, startUnixMs: startUnixMs + 11_267 });
  expect(dates(bench).slice(2)).toEqual([8534, 12_801]);
  bench.append({ epoch: 3, startUnixMs: startUnixMs + 60_000 });
  expect(dates(bench).slice(4)).toEqual([60_000]);
});

test("an epoch whose dates ran far ahead does not take the next one's with it", () => {
  const bench = new Bench();
  bench.append({ startUnixMs: startUnixMs + 180_000 });
  bench.append({ epoch: 2, startUnixMs: startUnixMs + 8_000 });
  bench.append({ epoch: 2, startUnixMs: startUnixMs + 12_267 });
  expect(dates(bench)).toEqual([180_000, 8_000, 12_267]);
});

test("durations add up to the media's, without drift", () => {
  const bench = new Bench({ segmentCount: 60 });
  for (let i = 0; i < 60; i++) bench.append();
  const sumUs = bench.playlist().segments.reduce((sum, one) => sum + one.durationUs, 0);
  expect(sumUs).toBe(Math.round((60 * segmentTicks * 1e6) / 19_200));
});

test("a rate above BANDWIDTH is counted, a rate at it is not", () => {
  const bench = new Bench();
  const bytesAt300Kbps = (300_000 / 8) * (128 / 30);
  bench.append({ byteCount: bytesAt300Kbps });
  expect(bench.events).toEqual([]);
  bench.append({ byteCount: bytesAt300Kbps + 100 });
  expect(bench.events).toEqual(["breach 300"]);
});

test("a rung's rate is the average of what its playlist lists, and of nothing when that is forgotten", () => {
  const bench = new Bench({ segmentCount: 6 });
  const seconds = segmentTicks / 19_200;
  bench.append({ byteCount: 60_000 });
  expect(bench.rates.get("300")).toBeCloseTo((8 * 60_000) / seconds, 0);
  for (let n = 0; n < 6; n++) bench.append({ byteCount: 120_000 });
  // The first has left the playlist, though it can be fetched.
  expect(bench.rates.get("300")).toBeCloseTo((8 * 120_000) / seconds, 0);
  bench.packager.forgetBroadcast();
  expect(bench.rates.size).toBe(0);
});

test("the ladder says what the newest segment says, with a version that rises with each change", () => {
  const bench = new Bench();
  expect(bench.packager.ladderVersion).toBe(0);
  bench.append();
  const first = bench.ladder();
  expect(first).toEqual({
    version: startUnixMs,
    targetDurationSec: 4,
    variants: [
      {
        ...{ rung: "300", bandwidthBitsPerSec: 300_000, averageBandwidthBitsPerSec: 285_050 },
        ...{ codecs: "avc1.a", width: 480, height: 270, frameRate: 30, stableVariantId: "300" },
      },
    ],
  });
  bench.append();
  expect(bench.packager.ladderVersion).toBe(startUnixMs);
  bench.append({ epoch: 2, init: "b" });
  expect(bench.ladder()).toMatchObject({
    version: startUnixMs + 1,
    variants: [{ codecs: "avc1.b" }],
  });
});

test("media is kept within its bytes: the oldest goes, is counted, and cannot be fetched", () => {
  const bench = new Bench({ bytesMax: 450_000 });
  for (let i = 0; i < 6; i++) bench.append();
  expect(bench.events.at(-1)).toBe("limited 2");
  const fetchable = (msn: number) => bench.packager.segment({ rung: "300", epoch: 1, msn });
  expect([100, 101, 102].map((msn) => fetchable(msn) !== undefined)).toEqual([false, false, true]);
  expect(bench.playlist().mediaSequence).toBe(102);
});

test("an init segment can be fetched as long as a segment that needs it", () => {
  const bench = new Bench();
  bench.append();
  const { hash } = initOf("a");
  for (let i = 0; i < 17; i++) bench.append({ epoch: 2, init: "b" });
  expect(bench.packager.init({ rung: "300", hash })).toBeDefined();
  bench.append({ epoch: 2, init: "b" });
  expect(bench.packager.init({ rung: "300", hash })).toBeUndefined();
  expect(bench.packager.init({ rung: "301", hash: initOf("b").hash })).toBeUndefined();
});

test("the end is final until the next broadcast, which lists only its own", () => {
  const bench = new Bench();
  bench.append();
  bench.packager.endBroadcast();
  expect(bench.playlist()).toMatchObject({ ended: true, mediaSequence: 100 });
  expect(() => bench.append()).toThrow("after the end");
  bench.packager.startBroadcast();
  expect(bench.packager.playlist("300")).toBeUndefined();
  bench.append({ epoch: 2 });
  expect(bench.playlist()).toMatchObject({ ended: false, mediaSequence: 101 });
  expect(bench.packager.segment({ rung: "300", epoch: 1, msn: 100 })).toBeDefined();
  bench.packager.forgetBroadcast();
  expect(bench.packager.segment({ rung: "300", epoch: 1, msn: 100 })).toBeUndefined();
  expect([bench.packager.ladder, bench.packager.ladderVersion]).toEqual([undefined, 0]);
});
