/** Each ABR rule in a small night: that it gets its own parameters, and does what it is for. */
import { expect, test } from "vitest";
import type { ModelReport } from "../config/schema-model-report.ts";
import { runNight } from "./testing/run-night.ts";
import { scenarioOf } from "./testing/scenario-of.ts";

/** Lines of 540 kbps that do not vary: 450 is the highest rung within 0.9 of them. */
function nightOf(rule: string, parameters: number[] = []): ModelReport["headline"] {
  const scenario = scenarioOf({
    durationSec: 240,
    plateau: { fromSec: 120, toSec: 240 },
    viewer: { abr: [{ rule, ratio: 1, parameters }] },
    audience: {
      viewerCount: 400,
      arrivals: [
        { atSec: 0, ratio: 0 },
        { atSec: 20, ratio: 1 },
      ],
      accessKbpsMedian: 540,
      accessLogSigma: 0,
      pathShareMedian: 1,
      pathShareLogSigma: 0,
      pathNoiseLogSigma: 0,
    },
    topology: { edges: 1 },
  });
  return runNight(scenario).report.headline;
}

test.each([
  ["hlsjs", 420, 460],
  ["throughput", 420, 460],
  ["dynamic", 420, 460],
  ["dynamicdash", 400, 520],
  ["bolae", 400, 520],
  ["move-like", 290, 310],
  ["bola", 300, 560],
  ["bola-basic", 300, 560],
])("viewers with %s get between %d and %d kbps on lines of 540", (rule, low, high) => {
  const { kbpsPerViewer } = nightOf(rule);
  expect(kbpsPerViewer).toBeGreaterThan(low);
  expect(kbpsPerViewer).toBeLessThan(high);
});

test("a rule is given the numbers of the scenario", () => {
  expect(nightOf("throughput", [0.5]).kbpsPerViewer).toBeCloseTo(150, -1);
  expect(nightOf("fixed", [1]).rungShare["300"]).toBe(1);
});
