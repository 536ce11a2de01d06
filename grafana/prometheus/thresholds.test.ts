/** The numbers in the alerts and their runbook against those that the code goes by. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { thresholds } from "../../src/health/thresholds.ts";
import { gridFor, targetDurationSec, ticksPerFrame, videoTimescale } from "../../src/media/grid.ts";
import { alertRules } from "./rule-files.ts";

const runbook = readFileSync(join(import.meta.dirname, "../../docs/alerts.md"), "utf8");

function ruleOf(alert: string) {
  const rule = alertRules.find((each) => each.alert === alert);
  if (rule === undefined) throw new Error(`no alert is called ${alert}`);
  return rule;
}

/** The number that the pattern, in which it is the only group, finds in the alert's expression. */
function numberIn(alert: string, pattern: RegExp): number {
  return Number(pattern.exec(ruleOf(alert).expr)?.[1] ?? NaN);
}

function sectionOf(alert: string): string {
  return runbook.split(/^## /m).find((section) => section.startsWith(`${alert}\n`)) ?? "";
}

test("alerts on segments and playlists count in target durations", () => {
  const [one, two, three] = [1, 2, 3].map((count) => count * targetDurationSec);
  expect(numberIn("NoNewSegment", /live:segment_age:seconds > (\S+)/)).toBe(two);
  expect(sectionOf("NoNewSegment")).toContain(`two target durations (${two} s). After ${three} s`);
  expect(numberIn("SegmentReadyLate", /\) > (\S+)/)).toBe(one);
  expect(sectionOf("SegmentReadyLate")).toContain(`a target duration (${one} s)`);
  expect(ruleOf("PlaylistStale").annotations.description).toContain(`past ${three} s`);
  expect(sectionOf("PlaylistStale")).toContain(`(${1.5 * targetDurationSec} s) old`);
  expect(sectionOf("PlaylistStale")).toContain(`Past ${three} s it answers 503`);
});

test("a segment is due as often as the slowest grid lists one", () => {
  const segmentSecs = [24, 25, 30].map((rate) => {
    const grid = gridFor(rate);
    const frames = grid.framesPerGop * grid.gopsPerSegment;
    return (frames * ticksPerFrame(grid)) / videoTimescale;
  });
  const { description } = ruleOf("NoNewSegment").annotations;
  expect(description).toContain(`every ${Math.max(...segmentSecs).toFixed(1)} s`);
});

test("the alerts go by the thresholds of the status page", () => {
  const { loopLagP99SecMax, capacityRatioMax, encoderSpeedMin, rungCapRatioMax } = thresholds;
  expect(numberIn("EncoderSlow", /speed_ratio > 0 < (\S+)/)).toBe(encoderSpeedMin);
  expect(sectionOf("EncoderSlow")).toContain(`${100 * encoderSpeedMin} %`);
  expect(numberIn("EventLoopLate", /\} > (\S+)/)).toBe(loopLagP99SecMax);
  expect(sectionOf("EventLoopLate")).toContain(`${1_000 * loopLagP99SecMax} ms`);
  expect(numberIn("EgressNearCapacity", /:ratio > (\S+)/)).toBe(capacityRatioMax);
  expect(sectionOf("EgressNearCapacity")).toContain(`${100 * capacityRatioMax} %`);
  expect(numberIn("CapBreached", /live:rung_cap:ratio > (\S+)/)).toBe(rungCapRatioMax);
  expect(numberIn("CapBreached", /live:rung_peak_cap:ratio > (\S+)/)).toBe(rungCapRatioMax);
  expect(sectionOf("CapBreached")).toContain(`${rungCapRatioMax} times`);
});
