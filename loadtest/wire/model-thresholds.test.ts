/** Thresholds on the modelled night: what k6 knows of it, and no more. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { modelMetrics, modelThresholds } from "./model-thresholds.ts";

function script(name: string): string {
  return readFileSync(new URL(`../k6/scripts/${name}`, import.meta.url), "utf8");
}

test("a threshold may be on each figure that the scripts keep of the model, and on no other", () => {
  const [, text] = /const figures =([^;]+);/.exec(script("referee.ts"))!;
  const figures = text!
    .replaceAll(/["+\n]/g, "")
    .trim()
    .split(/ +/);
  const gauges = figures.map((key) => {
    const words = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return `sim_${words.replace("_sec", "_seconds")}`;
  });
  const [, joined] = /const joined = new Counter\("(\w+)"\)/.exec(script("audience.ts"))!;
  expect([...modelMetrics].sort()).toEqual([...gauges, joined].sort());
});

test("bounds are kept by metric, a gauge's by its value and a counter's by its count", () => {
  const texts = ["sim_stall_ratio<0.02", "sim_stall_ratio >= 0", "sim_joined_viewers>5"];
  expect(modelThresholds(texts)).toEqual({
    sim_stall_ratio: ["value<0.02", "value>= 0"],
    sim_joined_viewers: ["count>5"],
  });
});

test.each([
  ["sim_stalls<1", /knows no metric sim_stalls; there are sim_egress_gbps, /],
  ["sim_ended==1", /knows no metric sim_ended/],
  ["stalls", /must be like/],
  ["sim_stall_ratio<x", /must be like/],
])("%s is refused", (text, words) => {
  expect(() => modelThresholds([text])).toThrow(words);
});
