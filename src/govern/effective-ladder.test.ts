import fc from "fast-check";
import { expect, test } from "vitest";
import type { LadderConfig } from "../config/schema.ts";
import { gridFor, targetDurationSec } from "../media/grid.ts";
import {
  audioShareKbps,
  averageBandwidthBitsPerSec,
  bandwidthBitsPerSec,
  effectiveLadder,
  isAudioRung,
  type PictureSize,
} from "./effective-ladder.ts";

const grid = gridFor(30);

function config(change: Partial<LadderConfig> = {}): LadderConfig {
  return {
    preset: "oprah-2008",
    rungs: [],
    capKbps: null,
    audioRung: true,
    encoderPreset: "superfast",
    ...change,
  };
}

/** Rungs as "kbps widthxheight". */
function check(change: Partial<LadderConfig>, source: PictureSize | undefined, expected: string) {
  const rungs = effectiveLadder({ ladder: config(change), grid, source });
  const shown = rungs.map((rung) =>
    isAudioRung(rung) ? "audio" : `${rung.rung} ${rung.width}x${rung.height}`,
  );
  expect(shown.join(", ")).toBe(expected);
}

const fullHd = { width: 1920, height: 1080 };
const oprah2008 = "150 320x180, 300 480x270, 450 640x360, 600 768x432, 750 848x480, audio";

test("without a cap the whole ladder is made", () => {
  check({}, fullHd, oprah2008);
  check({}, undefined, oprah2008);
  check({ audioRung: false }, fullHd, oprah2008.replace(", audio", ""));
  check(
    { preset: "hd", audioRung: false },
    fullHd,
    "800 640x360, 1800 960x540, 3200 1280x720, 5500 1920x1080",
  );
});

test("a ladder of one's own replaces the preset, in rising order", () => {
  const rungs = [
    { kbps: 900, width: 848, height: 480 },
    { kbps: 200, width: 320, height: 180 },
  ];
  check({ rungs, audioRung: false }, fullHd, "200 320x180, 900 848x480");
});

test("a cap drops what is above it and leaves one rung at exactly the cap", () => {
  check({ capKbps: 300 }, fullHd, "150 320x180, 300 480x270, audio");
  check({ capKbps: 450 }, fullHd, "150 320x180, 300 480x270, 450 640x360, audio");
  check({ capKbps: 400 }, fullHd, "150 320x180, 300 480x270, 400 576x324, audio");
  check({ capKbps: 200 }, fullHd, "150 320x180, 200 384x216, audio");
  check({ capKbps: 100 }, fullHd, "100 224x126, audio");
  check({ preset: "hd", capKbps: 300 }, fullHd, "300 384x216, audio");
});

test("a cap above the ladder changes nothing", () => {
  check({ capKbps: 750 }, fullHd, oprah2008);
  check({ capKbps: 5_000 }, fullHd, oprah2008);
});

test("pictures are never larger than the source, and the rungs stay the same", () => {
  check(
    {},
    { width: 640, height: 360 },
    "150 320x180, 300 480x270, 450 640x360, 600 640x360, 750 640x360, audio",
  );
  check(
    {},
    { width: 161, height: 91 },
    "150 160x90, 300 160x90, 450 160x90, 600 160x90, 750 160x90, audio",
  );
});

test("a portrait source swaps width and height", () => {
  check({ capKbps: 300 }, { width: 1080, height: 1920 }, "150 180x320, 300 270x480, audio");
});

test("other proportions are kept within the rung's size", () => {
  check({ capKbps: 300 }, { width: 1440, height: 1080 }, "150 240x180, 300 360x270, audio");
  check({ capKbps: 300 }, { width: 1080, height: 1080 }, "150 180x180, 300 270x270, audio");
  check({ capKbps: 300 }, { width: 2560, height: 1080 }, "150 320x134, 300 480x202, audio");
});

test("the level is the lowest that the size and frame rate allow", () => {
  const levels = effectiveLadder({ ladder: config(), grid }).map((rung) => rung.avcLevel);
  expect(levels).toEqual(["3.0", "3.0", "3.0", "3.0", "3.1", ""]);
  const hd = effectiveLadder({ ladder: config({ preset: "hd" }), grid });
  expect(hd.map((rung) => rung.avcLevel)).toEqual(["3.0", "3.1", "3.1", "4.0", ""]);
});

test("the advertised average lies below the bandwidth", () => {
  const rungs = effectiveLadder({ ladder: config(), grid });
  expect(rungs.map(bandwidthBitsPerSec)).toEqual([
    150_000, 300_000, 450_000, 600_000, 750_000, 64_000,
  ]);
  expect(rungs.map(averageBandwidthBitsPerSec)).toEqual([
    143_533, 283_533, 423_532, 563_533, 703_533, 53_000,
  ]);
});

const anyRung = fc.record({
  kbps: fc.integer({ min: 100, max: 20_000 }),
  width: fc.integer({ min: 8, max: 1_920 }).map((half) => half * 2),
  height: fc.integer({ min: 8, max: 1_080 }).map((half) => half * 2),
});
const anyLadder = fc
  .record({
    preset: fc.constantFrom("oprah-2008" as const, "hd" as const),
    rungs: fc.uniqueArray(anyRung, { selector: (rung) => rung.kbps, maxLength: 12 }),
    capKbps: fc.option(fc.integer({ min: 100, max: 25_000 })),
    audioRung: fc.boolean(),
  })
  .map(config);
const anySource = fc.option(
  fc.record({
    width: fc.integer({ min: 16, max: 7_680 }),
    height: fc.integer({ min: 16, max: 4_320 }),
  }),
  { nil: undefined },
);
const anyGrid = fc.constantFrom(24, 25, 30).map(gridFor);

test("any ladder under any cap keeps the rules", () => {
  fc.assert(
    fc.property(anyLadder, anySource, anyGrid, (ladder, source, anyOfGrid) => {
      const rungs = effectiveLadder({ ladder, grid: anyOfGrid, source });
      const video = rungs.filter((rung) => !isAudioRung(rung));
      const uncapped = effectiveLadder({
        ladder: { ...ladder, capKbps: null, audioRung: false },
        grid: anyOfGrid,
        source,
      });
      expect(rungs.some(isAudioRung)).toBe(ladder.audioRung);
      if (ladder.audioRung) expect(isAudioRung(rungs.at(-1)!)).toBe(true);
      expect(video.length).toBeGreaterThan(0);
      expect(video.map((rung) => rung.kbps)).toEqual(
        [...new Set(video.map((rung) => rung.kbps))].sort((a, b) => a - b),
      );
      const topKbps = Math.min(ladder.capKbps ?? Infinity, uncapped.at(-1)!.kbps);
      expect(video.at(-1)!.kbps).toBe(topKbps);
      for (const rung of video) {
        expect(rung.rung).toBe(String(rung.kbps));
        expect((rung.width % 2) + (rung.height % 2)).toBe(0);
        expect(Math.min(rung.width, rung.height)).toBeGreaterThanOrEqual(16);
        if (source !== undefined) {
          expect(rung.width).toBeLessThanOrEqual(source.width);
          expect(rung.height).toBeLessThanOrEqual(source.height);
        }
        // The shortest run of segments whose rate counts, as an epoch's last segment may be one.
        const runSec = targetDurationSec / 2;
        const peakBits = rung.videoBitsPerSec * runSec + rung.bufferBits;
        // Whole bits: the division leaves a rounding error of 1e-9.
        const peakBitsPerSec = Math.floor(peakBits / runSec + audioShareKbps * 1000);
        expect(peakBitsPerSec).toBeLessThanOrEqual(bandwidthBitsPerSec(rung));
        expect(averageBandwidthBitsPerSec(rung)).toBeLessThanOrEqual(bandwidthBitsPerSec(rung));
      }
      // What is below the cap is as it was without it.
      const kept = uncapped.filter((rung) => rung.kbps <= topKbps);
      expect(video.filter((rung) => kept.some((k) => k.rung === rung.rung))).toEqual(kept);
      expect(video.length - kept.length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 500 },
  );
});

test("proportions are kept within a few pixels when the source is large enough", () => {
  const large = fc.record({
    width: fc.integer({ min: 640, max: 3_840 }),
    height: fc.integer({ min: 640, max: 3_840 }),
  });
  fc.assert(
    fc.property(large, (source) => {
      for (const rung of effectiveLadder({ ladder: config({ audioRung: false }), grid, source })) {
        const stretch = rung.width / rung.height / (source.width / source.height);
        expect(Math.abs(stretch - 1)).toBeLessThan(0.015 + 2 / Math.min(rung.width, rung.height));
      }
    }),
  );
});
