/**
 * The estimator and the rule against the real AbrController of hls.js, fed with the same downloads.
 */
import fc from "fast-check";
import Hls, { AbrController, AttrList, Events, Level } from "hls.js";
import { expect, test } from "vitest";
import { sampleDownload, throughputBitsPerSec } from "../throughput-estimator.ts";
import { createViewerLadder } from "../viewer-ladder.ts";
import { createViewers, join } from "../viewers.ts";
import { hlsjs } from "./hlsjs.ts";

const segmentDurationMs = 4266.667;
const ladder = createViewerLadder({
  peakBitsPerSec: [150_000, 300_000, 450_000, 600_000, 750_000],
  averageBitsPerSec: [138_000, 275_000, 413_000, 550_000, 688_000],
  segmentDurationMs,
  targetDurationMs: 4_000,
});

interface Download {
  waitMs: number;
  durationMs: number;
  bytes: number;
  bufferMs: number;
}

/** hls.js's controller on a fake player: the rungs it chooses and the rates it estimates. */
class Oracle {
  readonly #handlers = new Map<string, (event: string, data: unknown) => void>();
  readonly #controller: AbrController;
  readonly #player;
  #nowMs = 0;

  constructor() {
    const levels = Array.from(ladder.peakBitsPerSec, (peak, i) => {
      const average = ladder.averageBitsPerSec[i]!;
      const attrs = new AttrList(`BANDWIDTH=${peak},AVERAGE-BANDWIDTH=${average}`);
      const level = new Level({
        attrs,
        bitrate: peak,
        name: String(i),
        url: String(i),
        videoCodec: "avc1.64001e",
        audioCodec: "mp4a.40.2",
      });
      return Object.assign(level, {
        supportedResult: { supported: true, configurations: [], decodingInfoResults: [] },
      });
    });
    this.#player = {
      config: { ...Hls.DefaultConfig, useMediaCapabilities: false },
      logger: {
        log: ignore,
        info: ignore,
        warn: ignore,
        trace: ignore,
        debug: ignore,
        error: ignore,
      },
      levels,
      allAudioTracks: [],
      firstLevel: 0,
      minAutoLevel: 0,
      maxAutoLevel: levels.length - 1,
      loadLevel: -1,
      loadLevelObj: null as unknown,
      latestLevelDetails: null as unknown,
      media: { playbackRate: 1 },
      mainForwardBufferInfo: { len: 0 },
      on: (event: string, handler: () => void, of: unknown) =>
        void this.#handlers.set(event, handler.bind(of)),
    };
    this.#controller = new AbrController(this.#player as never);
    this.#emit(Events.LEVEL_LOADED, {
      stats: { loading: { first: 0, end: 1 } },
      details: { live: true },
    });
  }

  choose(bufferMs: number): number {
    this.#player.mainForwardBufferInfo.len = bufferMs / 1000;
    return this.#controller.nextAutoLevel;
  }

  download(rung: number, { waitMs, durationMs, bytes }: Download): void {
    const start = this.#nowMs;
    const end = start + waitMs + durationMs;
    const fragment = {
      type: "main",
      sn: 1,
      level: rung,
      duration: segmentDurationMs / 1000,
      bitrate: ladder.peakBitsPerSec[rung],
      stats: {
        loaded: bytes,
        total: bytes,
        aborted: false,
        loading: { start, first: start + waitMs, end },
        parsing: { end },
      },
    };
    this.#player.loadLevel = rung;
    this.#player.loadLevelObj = this.#player.levels[rung];
    this.#player.latestLevelDetails = { live: true };
    this.#emit(Events.FRAG_LOADING, { frag: fragment });
    this.#emit(Events.FRAG_LOADED, { frag: fragment });
    this.#emit(Events.FRAG_BUFFERED, { frag: fragment, stats: fragment.stats });
    this.#nowMs = end;
  }

  bitsPerSec(): number {
    return this.#controller.bwEstimator.getEstimate();
  }

  #emit(event: string, data: unknown): void {
    this.#handlers.get(event)!(event, data);
  }
}

function ignore(): void {
  // hls.js's log does not matter here.
}

Object.assign(globalThis, { self: globalThis });

const download = fc.record({
  waitMs: fc.double({ min: 1, max: 2_000, noNaN: true }),
  durationMs: fc.double({ min: 1, max: 9_000, noNaN: true }),
  bytes: fc.integer({ min: 20_000, max: 450_000 }),
  bufferMs: fc.double({ min: 10, max: 12_000, noNaN: true }),
});

test("a viewer estimates and chooses as hls.js does, download by download", () => {
  const check = (downloads: Download[]) => {
    const oracle = new Oracle();
    const viewers = createViewers(2);
    join(viewers, 1, 0);
    for (const one of downloads) {
      viewers.bufferMs[1] = one.bufferMs;
      const rung = hlsjs(viewers, 1, ladder);
      expect(rung).toBe(oracle.choose(one.bufferMs));
      oracle.download(rung, one);
      sampleDownload(viewers, 1, one.bytes, one.waitMs, one.waitMs + one.durationMs);
      viewers.rungIndex[1] = rung;
      expect(throughputBitsPerSec(viewers, 1) / oracle.bitsPerSec()).toBeCloseTo(1, 9);
    }
  };
  fc.assert(fc.property(fc.array(download, { minLength: 1, maxLength: 30 }), check), {
    numRuns: 300,
  });
});
