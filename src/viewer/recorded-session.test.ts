/**
 * Sessions against what Sabre printed for the same media and links (testing/sabre-goldens.csv).
 * With SABRE=/path/to/sabre/src/sabre.py in the environment the goldens are made anew.
 */
import fc from "fast-check";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recordedLadder, recordedRuleNumbers } from "./recorded-ladder.ts";
import { RecordedLink } from "./recorded-link.ts";
import { readRecordedMedia, readRecordedTrace, type Read } from "./recorded-media.ts";
import { recordedSession, type RecordedSessionOptions } from "./recorded-session.ts";
import { abrNames, abrRules } from "./rules/rule-table.ts";
import { EwmaEstimator, WindowEstimator } from "./sabre-estimator.ts";
import { manifests, traces } from "./testing/recorded-inputs.ts";
import { nameOf, sabreCases, type SabreCase } from "./testing/sabre-cases.ts";
import { goldensOf } from "./testing/sabre.ts";

const goldensPath = join(import.meta.dirname, "testing/sabre-goldens.csv");
const sabrePath = process.env["SABRE"];
if (sabrePath !== undefined) writeFileSync(goldensPath, goldensOf(sabrePath, sabreCases()));
const goldens = new Map(
  readFileSync(goldensPath, "utf8")
    .trim()
    .split("\n")
    .map((line) => [line.slice(0, line.indexOf(",")), line.slice(line.indexOf(",") + 1)]),
);

function valueOf<T>(read: Read<T>): T {
  if ("problems" in read) throw new Error(read.problems.join("\n"));
  return read.value;
}

function optionsOf(of: SabreCase): RecordedSessionOptions {
  const media = valueOf(readRecordedMedia(manifests[of.manifest]));
  const bufferMs = 1000 * of.bufferSec;
  const { gammaP = 5, hasBufferRule = true, halfLifeSec = [3, 8] } = of;
  const { segmentDurationMs } = media;
  return {
    media,
    segmentCount:
      of.movieLengthSec === undefined
        ? media.segmentCount
        : Math.ceil((1000 * of.movieLengthSec) / segmentDurationMs),
    trace: valueOf(readRecordedTrace(traces[of.trace])),
    rateRatio: of.rateRatio ?? 1,
    ladder: recordedLadder(media, { bufferMs, gammaP, hasBufferRule }),
    bufferMs,
    rule: abrRules[of.abr],
    ruleNumbers: recordedRuleNumbers(of.abr, 1),
    estimator:
      of.windowSegments === undefined
        ? new EwmaEstimator(
            halfLifeSec.map((sec) => 1000 * sec),
            segmentDurationMs,
          )
        : new WindowEstimator(of.windowSegments),
    abandonSemantics: of.abandon ? "as-shipped" : "none",
  };
}

/** A result as the goldens have it. */
function lineOf(options: RecordedSessionOptions): string {
  const result = recordedSession(options);
  const values = [
    result.timeAvgUtility,
    result.timeAvgBitrateKbps,
    result.rebufferSec,
    result.rebufferCount,
    result.bitrateChangeKbps,
    result.playTimeSec,
    result.rampUpSec,
  ];
  return [
    ...values.map((value) => value.toFixed(6)),
    result.abandonCount,
    result.qualities.join(""),
  ].join(",");
}

test.each(sabreCases().map((of) => [nameOf(of), of] as const))("%s is as in Sabre", (name, of) => {
  expect(lineOf(optionsOf(of))).toBe(goldens.get(name));
});

test("the goldens cover what rules do: stalls, downloads given up, and both ends of the ladder", () => {
  const rows = [...goldens.values()].map((line) => line.split(","));
  expect(rows.length).toBe(sabreCases().length);
  const count = (isSo: (row: string[]) => boolean) => rows.filter(isSo).length;
  expect(count((row) => Number(row[3]) > 0)).toBeGreaterThan(30);
  expect(count((row) => Number(row[7]) > 0)).toBeGreaterThan(30);
  expect(count((row) => /0.*4/.test(row[8]!))).toBeGreaterThan(30);
});

/** Link, rule and buffer of any kind; media as in the first of the goldens. */
const anySession = fc.record({
  periods: fc
    .array(
      fc.record({
        duration_ms: fc.integer({ min: 1, max: 20_000 }),
        bandwidth_kbps: fc.oneof(fc.constant(0), fc.integer({ min: 20, max: 20_000 })),
        latency_ms: fc.integer({ min: 0, max: 2_000 }),
      }),
      { minLength: 1, maxLength: 12 },
    )
    .filter((list) => list.some(({ bandwidth_kbps }) => bandwidth_kbps > 0)),
  abr: fc.constantFrom(...abrNames),
  bufferSec: fc.integer({ min: 1, max: 80 }),
  abandonSemantics: fc.constantFrom("none", "as-shipped", "repaired"),
});

test("whatever the link, every segment is played once and time is played, stalled or start-up", () => {
  fc.assert(
    fc.property(anySession, ({ periods, abr, bufferSec, abandonSemantics }) => {
      const base = optionsOf({
        manifest: "oprah",
        trace: "constant",
        abr,
        bufferSec,
        abandon: true,
      });
      const trace = valueOf(readRecordedTrace(periods));
      const result = recordedSession({ ...base, trace, abandonSemantics });
      const { segmentCount, segmentBits, segmentDurationMs } = base.media;
      expect(result.qualities).toHaveLength(segmentCount);
      expect(result.qualities.every((rung) => rung >= 0 && rung < 5)).toBe(true);
      const link = new RecordedLink(trace, 1);
      const startMs = link.awaitFirstByte() + link.receive(segmentBits[result.qualities[0]!]!);
      const playedMs = 1000 * (result.playTimeSec - result.rebufferSec) - startMs;
      expect(playedMs).toBeCloseTo(segmentCount * segmentDurationMs, 4);
      if (abandonSemantics === "none") expect(result.abandonCount).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test("a segment that was given up is chosen anew as shipped, and fetched as decided when repaired", () => {
  const media = valueOf(
    readRecordedMedia({
      segment_duration_ms: 2_000,
      bitrates_kbps: [100, 1_000],
      segment_sizes_bits: Array.from({ length: 6 }, () => [200_000, 2_000_000]),
    }),
  );
  // Nothing but a whole download tells the rule that the link got slow, and each is given up.
  const trace = valueOf(
    readRecordedTrace([
      { duration_ms: 3_000, bandwidth_kbps: 2_000, latency_ms: 0 },
      { duration_ms: 1e9, bandwidth_kbps: 300, latency_ms: 0 },
    ]),
  );
  const of = { manifest: "oprah", trace: "constant", abr: "throughput", bufferSec: 25 } as const;
  const options: RecordedSessionOptions = {
    ...optionsOf({ ...of, abandon: true }),
    media,
    trace,
    segmentCount: 6,
    ladder: recordedLadder(media, { bufferMs: 25_000, gammaP: 5, hasBufferRule: false }),
  };
  const repaired = recordedSession({ ...options, abandonSemantics: "repaired" });
  expect([repaired.qualities.join(""), repaired.abandonCount]).toEqual(["011100", 2]);
  expect(() => recordedSession(options)).toThrow(/segment 4 was given up 100000 times/);
  const unwatched = recordedSession({ ...options, abandonSemantics: "none" });
  expect([unwatched.qualities.join(""), unwatched.abandonCount]).toEqual(["011110", 0]);
});

test("a link that carries next to nothing ends with an error", () => {
  const options = optionsOf({
    manifest: "oprah",
    trace: "constant",
    abr: "bola",
    bufferSec: 25,
    abandon: false,
  });
  const trace = valueOf(
    readRecordedTrace([{ duration_ms: 1, bandwidth_kbps: 1e-9, latency_ms: 0 }]),
  );
  expect(() => recordedSession({ ...options, trace })).toThrow(/carries too little/);
});
