import { expect, test } from "vitest";
import { kneeReportSchema, type KneeReport } from "../../src/config/schema-knee-report.ts";
import { disturbedWords, kneeText, stepWords } from "./knee-text.ts";
import { madeStep } from "./testing/made-step.ts";
import { kneeReportOf } from "./knee-report.ts";
import { scenarioOf } from "../../src/sim/testing/scenario-of.ts";

const fullEdge = {
  cause: "edge CPU",
  words: "edge-1 used 0.950 of a core (at most 0.900).",
} as const;

function madeReport(more: { steps?: KneeReport["steps"]; end?: KneeReport["end"] } = {}) {
  const broken = {
    cause: "quality",
    words: "late segments: 3.00 % (must be under 0.50 %).",
  } as const;
  return kneeReportOf({
    scenario: scenarioOf({ name: "made", wire: { edges: 2 } }),
    stepSec: 36,
    forViewers: 500_000,
    commit: "c0ffee",
    command: "fullhouse knee made",
    steps: [2_000, 4_000, 8_000, 6_000, 5_000, 4_500].map((viewers) =>
      madeStep(viewers, viewers > 4_000 ? { broken: [fullEdge, broken] } : { otherCores: 0.31 }),
    ),
    end: { by: "edge CPU", viewers: 4_500, words: fullEdge.words, also: [broken.words] },
    feed: {
      ...{ segmentDurationMs: 4_267, targetDurationMs: 5_000, playlistCount: 8 },
      ...{ publishDelayMs: 300, sizesBytes: [] },
      rungs: [{ peakKbps: 300, averageKbps: 250 }],
    },
    startedUnixMs: 0,
    openFiles: 20_000,
    edgeBytesIdle: 150e6,
    repeatCount: 0,
    ...more,
  });
}

test("one screen says what was found, what broke first, and what is extrapolated", () => {
  const text = kneeText(madeReport());
  const lines = text.split("\n");
  expect(lines[0]).toBe("KNEE (measured): 4,000 viewers, 2.40 Gbps from 2 edges");
  expect(lines[1]).toBe(
    "  At 4,500 viewers edge CPU broke first: edge-1 used 0.950 of a core (at most 0.900).",
  );
  expect(lines[2]).toBe("  also: late segments: 3.00 % (must be under 0.50 %).");
  expect(text).toMatch(/at its limit \(2 edges, a core each\) +2,000 +1\.20\n/);
  expect(text).toMatch(/For 500,000 viewers \(every figure extrapolated\)\n/);
  expect(text).toMatch(/edge cores +250 +=/);
  expect(text).toContain("Note: Other programs used up to 0.310 cores");
  expect(lines.length).toBeLessThanOrEqual(49);
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
});

test("a long search still fits the screen, and keeps what was found", () => {
  const steps = Array.from({ length: 16 }, (_, n) => madeStep(100 * (n + 1)));
  const end = { by: "range", viewers: 1_600, words: "No more were asked for.", also: [] } as const;
  const text = kneeText(madeReport({ steps, end: { ...end, also: [] } }));
  expect(text.split("\n").length).toBeLessThanOrEqual(49);
  expect(text).toContain(
    "At 1,600 viewers the range ended; nothing broke: No more were asked for.",
  );
  expect(text).toContain("its limit was not reached (range)");
  expect(text).toMatch(/^KNEE NOT REACHED \(measured\): at least 1,600 viewers, /);
  expect(text).toContain("generator machines");
});

test("a step that others broke is one short line, without its evidence", () => {
  const step = madeStep(5, { otherCores: 1.96, broken: [fullEdge] });
  expect(disturbedWords(step)).toBe(
    "5 viewers: other programs used 1.96 cores and broke it; once more",
  );
});

test("a step's line says how it went and what broke it", () => {
  expect(stepWords(madeStep(2_000))).toBe(
    "2,000 viewers: good, 1.20 Gbps; edges 0.400 cores (busiest 0.200), k6 0.500, machine 50.0 % (others 0.00 cores)",
  );
  expect(stepWords(madeStep(4_500, { broken: [fullEdge] }))).toMatch(
    /^4,500 viewers: broken \(edge CPU\), .*\. edge-1 used 0\.950 of a core/,
  );
});

test("a report that contradicts its steps is refused", () => {
  const report = madeReport();
  const wrong = { ...report, knee: { ...report.knee, viewers: 2_000 } };
  expect(() => kneeReportSchema.parse(wrong)).toThrow(/not the largest good step/);
  const above = { ...report, steps: [...report.steps, madeStep(9_000)] };
  expect(() => kneeReportSchema.parse(above)).toThrow(/not below a broken one/);
});
