import { expect, test } from "vitest";
import { madeStep } from "./testing/made-step.ts";
import { findingsOf, firstFinding, isDisturbed, type StepEvidence } from "./what-broke.ts";

const idle = { busyRatio: 0.3, scheduleLagMsP99: 3, droppedIterations: 0 };
const lateSegments = {
  name: "late segments",
  what: "Share of the segments that came after the buffer had run empty",
  evidence: "measured",
  value: 0.08,
  unit: "ratio",
  bound: "under 0.50 %",
  ok: false,
  lookAt: "the edge's CPU",
} as const;

function evidence(more: Partial<StepEvidence>): StepEvidence {
  return { step: madeStep(1_000), generator: idle, checks: [], cores: 2, ...more };
}

const fullEdge = { busiestEdge: { name: "edge-2", cores: 0.93 } };

test.each<[string, Partial<StepEvidence>, [string, string][]]>([
  ["nothing", { checks: [{ ...lateSegments, ok: true }] }, []],
  [
    "an edge without a core left",
    { step: madeStep(1_000, fullEdge) },
    [["edge CPU", "edge-2 used 0.930 of a core (at most 0.900)."]],
  ],
  [
    "a machine without a core left",
    { step: madeStep(1_000, { machineBusyRatio: 0.97, otherCores: 0.4 }) },
    [
      [
        "machine",
        "All 2 cores were 97.0 % busy (at most 95.0 %), 0.400 of them by other programs.",
      ],
    ],
  ],
  [
    "a generator that was late",
    { generator: { ...idle, scheduleLagMsP99: 400 } },
    [["generator", expect.stringMatching(/up to 400 ms late/) as string]],
  ],
  [
    "a missed threshold, with where to look",
    { checks: [lateSegments] },
    [["quality", "late segments: 8.00 % (must be under 0.50 %); look at the edge's CPU."]],
  ],
  [
    "resources before what follows from them",
    { step: madeStep(1_000, fullEdge), checks: [lateSegments] },
    [
      ["edge CPU", expect.any(String) as string],
      ["quality", expect.any(String) as string],
    ],
  ],
])("a step is broken by %s", (_, more, expected) => {
  expect(findingsOf(evidence(more)).map(({ cause, words }) => [cause, words])).toEqual(expected);
});

/** What is at its bound and no more leaves a step good. */
test("an edge at nine tenths of a core is good", () => {
  const step = madeStep(1_000, { busiestEdge: { name: "edge-1", cores: 0.9 } });
  expect(findingsOf(evidence({ step }))).toEqual([]);
});

function firstOf(good: Parameters<typeof madeStep>[1], broken: Parameters<typeof madeStep>[1]) {
  const step = madeStep(2_000, broken);
  const generator = { ...idle, busyRatio: step.generatorBusyRatio };
  const found = findingsOf(evidence({ step, generator, checks: [lateSegments] }));
  return firstFinding(good === undefined ? undefined : madeStep(1_000, good), {
    ...step,
    broken: found,
  }).cause;
}

const bothFull = {
  busiestEdge: { name: "edge-1", cores: 1 },
  generatorBusyRatio: 0.9,
  machineBusyRatio: 0.99,
};

test.each<[string, Parameters<typeof firstOf>, string]>([
  [
    "the edge, when it was nearer its bound before",
    [
      {
        busiestEdge: { name: "edge-1", cores: 0.88 },
        generatorBusyRatio: 0.4,
        machineBusyRatio: 0.5,
      },
      bothFull,
    ],
    "edge CPU",
  ],
  [
    "the generator, when it was nearer its bound before",
    [
      {
        busiestEdge: { name: "edge-1", cores: 0.4 },
        generatorBusyRatio: 0.84,
        machineBusyRatio: 0.5,
      },
      bothFull,
    ],
    "generator",
  ],
  [
    "the machine, when others keep it busy",
    [
      {
        busiestEdge: { name: "edge-1", cores: 0.4 },
        generatorBusyRatio: 0.4,
        machineBusyRatio: 0.94,
      },
      bothFull,
    ],
    "machine",
  ],
  [
    "what is furthest past its bound, without a good step to go by",
    [undefined, bothFull],
    "edge CPU",
  ],
  ["quality, when no resource ran out", [{}, {}], "quality"],
])("what broke first is %s", (_, [good, broken], cause) => {
  expect(firstOf(good, broken)).toBe(cause);
});

test.each([
  ["machine", 1.5, true],
  ["machine", 0.1, false],
  ["edge CPU", 1.5, false],
  ["quality", 1.5, false],
] as const)("a step broken by %s, with %f cores used by others: disturbed is %s", (...row) => {
  const [cause, otherCores, expected] = row;
  const broken = [{ cause, words: "" }];
  expect(isDisturbed(madeStep(1_000, { broken, otherCores }))).toBe(expected);
});
