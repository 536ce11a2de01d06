import { expect, test } from "vitest";
import { extrapolationTo } from "./extrapolation.ts";
import { kneeOf } from "./knee-report.ts";
import { madeStep } from "./testing/made-step.ts";

const steps = [
  madeStep(2_000),
  madeStep(8_000, { broken: [{ cause: "edge CPU", words: "" }] }),
  madeStep(4_000, { gbps: 2.8, edgeCores: 1.6, generatorCores: 1.7, edgeBytes: 320e6 }),
  madeStep(6_000, { broken: [{ cause: "edge CPU", words: "" }] }),
];

test("the knee is the largest good step, per core in use and per full edge", () => {
  const knee = kneeOf(steps, { edges: 2, edgeBytesIdle: 200e6, end: { by: "edge CPU" } });
  expect(knee).toMatchObject({
    ...{
      viewers: 4_000,
      gbps: 2.8,
      edgeBytesIdle: 100e6,
      edgeBytesPerViewer: 30_000,
      socketsPerViewer: 1,
    },
    perEdgeCore: {
      asUsed: { viewers: 2_500, gbps: expect.closeTo(1.75) as number },
      atLimit: { viewers: 2_000, gbps: 1.4 },
    },
  });
  const other = kneeOf(steps, { edges: 2, edgeBytesIdle: 200e6, end: { by: "machine" } });
  expect(other.perEdgeCore.atLimit).toBeNull();
});

test("half a million viewers take what the formulas say", () => {
  const knee = kneeOf(steps, { edges: 2, edgeBytesIdle: 200e6, end: { by: "edge CPU" } });
  const found = extrapolationTo(500_000, knee);
  expect(found).toMatchObject({
    gbps: { value: 350, formula: "500,000 viewers × 2.80 Gbps / 4,000 viewers" },
    edgeCores: {
      value: 250,
      formula: "500,000 viewers / 2,000 a core at its limit, rounded up",
    },
    generatorCores: {
      value: 250,
      formula: "500,000 viewers × 1.70 cores / 4,000 viewers / 0.85, rounded up",
    },
    nicsAt10GbE: {
      value: 47,
      formula: "350.0 Gbps × 1.06 / (0.8 × 10 Gbps), rounded up",
    },
    nicsAt25GbE: { value: 19 },
    nicsAt100GbE: { value: 5 },
    edgeBytes: { value: 40e9, formula: "250 edges × 100.0 MB + 500,000 viewers × 30.0 kB" },
    generatorBytes: { value: 200e9 },
    sockets: { value: 500_000 },
  });
});

test("cores in use are filled to nine tenths where no edge was at its limit", () => {
  const knee = kneeOf(steps, { edges: 2, edgeBytesIdle: 200e6, end: { by: "range" } });
  expect(extrapolationTo(500_000, knee).edgeCores).toEqual({
    value: 223,
    formula: "500,000 viewers / (2,500 a core in use × 0.9), rounded up",
  });
});

test.each([
  ["network", {}, 19, "350.0 Gbps × 1.06 / (0.8 × 25 Gbps), rounded up"],
  ["cores", { gbps: 1 }, 16, "250 cores / 16, rounded up"],
  ["memory", { edgeBytes: 16e9 }, 32, "2,000 GB / 64.0 GB, rounded up"],
  ["sockets", { edgeSockets: 200_000 }, 24, "25,000,000 sockets / 1,048,576, rounded up"],
])("machines are counted by %s where that is short first", (decidedBy, more, value, words) => {
  const step = { ...steps[2]!, ...more };
  const knee = kneeOf([step], { edges: 2, edgeBytesIdle: 200e6, end: { by: "edge CPU" } });
  const { edgeMachines } = extrapolationTo(500_000, knee);
  expect(edgeMachines).toMatchObject({ value, decidedBy });
  expect(edgeMachines.formula).toContain(words);
  expect(Math.max(...Object.values(edgeMachines.byResource))).toBe(value);
});
