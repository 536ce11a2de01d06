import fc from "fast-check";
import { expect, test } from "vitest";
import { readRecordedMedia, readRecordedTrace } from "./recorded-media.ts";

const media = {
  segment_duration_ms: 2_000,
  bitrates_kbps: [150, 300],
  segment_sizes_bits: [
    [300_000, 600_000],
    [310_000, 610_000],
  ],
};
const period = { duration_ms: 1_000, bandwidth_kbps: 500, latency_ms: 80 };

test("media and traces are read into columns", () => {
  expect(readRecordedMedia(media)).toEqual({
    value: {
      segmentDurationMs: 2_000,
      kbps: [150, 300],
      segmentCount: 2,
      segmentBits: Float64Array.of(300_000, 600_000, 310_000, 610_000),
    },
  });
  expect(readRecordedTrace([period, { ...period, bandwidth_kbps: 0 }])).toEqual({
    value: {
      periodMs: Float64Array.of(1_000, 1_000),
      kbps: Float64Array.of(500, 0),
      latencyMs: Float64Array.of(80, 80),
    },
  });
});

const aboveZero = "must be a number above 0 and up to 1000000000000, is";

test.each([
  [null, ["a manifest is a JSON object"]],
  [[], ["a manifest is a JSON object"]],
  [
    {},
    [
      `segment_duration_ms ${aboveZero} missing`,
      "bitrates_kbps must be a list of 1 to 127 bitrates",
      "segment_sizes_bits must be a list of 1 to 1000000 segments, is missing",
    ],
  ],
  [{ ...media, segment_duration_ms: 0 }, [`segment_duration_ms ${aboveZero} 0`]],
  [{ ...media, segment_duration_ms: 1e999 }, [`segment_duration_ms ${aboveZero} Infinity`]],
  [{ ...media, segment_duration_ms: "2000" }, [`segment_duration_ms ${aboveZero} "2000"`]],
  [
    { ...media, bitrates_kbps: [300, 150] },
    ["bitrates_kbps[1] must be above the bitrate before it, is 150"],
  ],
  [
    { ...media, segment_sizes_bits: [[1, -2], [3], 4] },
    [
      `segment_sizes_bits[0][1] ${aboveZero} -2`,
      "segment_sizes_bits[1] must be a list of one size for each of 2 bitrates",
      "segment_sizes_bits[2] must be a list of one size for each of 2 bitrates",
    ],
  ],
])("a manifest %j is refused with all its problems", (json, problems) => {
  expect(readRecordedMedia(json)).toEqual({ problems });
});

test.each([
  [{}, ["a trace is a JSON list of at least one period"]],
  [[], ["a trace is a JSON list of at least one period"]],
  [[7], ["[0] must be an object, is 7"]],
  [
    [
      { ...period, duration_ms: 0, latency_ms: -1 },
      { ...period, bandwidth_kbps: null },
    ],
    [
      `[0].duration_ms ${aboveZero} 0`,
      "[0].latency_ms must be a number from 0 to 1000000000000, is -1",
      "[1].bandwidth_kbps must be a number from 0 to 1000000000000, is null",
    ],
  ],
  [
    [{ ...period, bandwidth_kbps: 0 }],
    ["bandwidth_kbps is 0 in all periods: nothing would ever arrive"],
  ],
])("a trace %j is refused with all its problems", (json, problems) => {
  expect(readRecordedTrace(json)).toEqual({ problems });
});

test("of very many problems the first are listed and the rest is counted", () => {
  const read = readRecordedTrace(Array<number>(1_000).fill(1));
  const problems = "problems" in read ? read.problems : [];
  expect([problems.length, problems.at(-1)]).toEqual([21, "and 980 more problems"]);
});

test("no JSON makes reading throw", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (json, part) => {
      readRecordedMedia(json);
      readRecordedTrace(json);
      readRecordedMedia({ ...media, segment_sizes_bits: [json, part] });
      readRecordedMedia({ ...media, bitrates_kbps: [json, part] });
      readRecordedTrace([json, { ...period, latency_ms: part }]);
    }),
  );
});
