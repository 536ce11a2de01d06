import { expect, test } from "vitest";
import { endOf, firstBrokenError } from "./knee-end.ts";
import { madeStep } from "./testing/made-step.ts";

const range = { viewers: 4_000, by: "range", words: "No more were asked for." } as const;
const fullEdge = { cause: "edge CPU", words: "edge-1 was full." } as const;
const late = { cause: "quality", words: "Segments were late." } as const;
const broken = madeStep(4_000, {
  busiestEdge: { name: "edge-1", cores: 0.95 },
  broken: [fullEdge, late],
});

test("the smallest broken step says what broke first, and what else did", () => {
  const steps = [madeStep(2_000), madeStep(8_000, { broken: [late] }), broken];
  expect(endOf(steps, { why: "knee", ceiling: range })).toEqual({
    ...{ by: "edge CPU", viewers: 4_000, words: "edge-1 was full.", also: ["Segments were late."] },
  });
});

test("a search that was cut short after a step broke still says what broke", () => {
  const end = endOf([madeStep(2_000), broken], { why: "limits", ceiling: range });
  expect(end.by).toBe("edge CPU");
});

test.each([
  ["ceiling", "range", "No more were asked for."],
  ["limits", "limits", "Nothing broke within 2 steps: begin with more viewers (--from)."],
] as const)("where nothing broke, the %s is what ended it", (why, by, words) => {
  const steps = [madeStep(2_000), madeStep(4_000)];
  expect(endOf(steps, { why, ceiling: range })).toEqual({ by, viewers: 4_000, words, also: [] });
});

test("a first step that is broken is an operating error that says what to do", () => {
  expect(firstBrokenError(broken, 2)).toMatchObject({
    code: "LIMIT_TOO_LOW",
    message:
      "the first step, of 4,000 viewers, is broken already, so there is no knee: edge CPU. " +
      "edge-1 was full. What to do: begin with fewer viewers (--from), lower the --cap, or start more --edges",
  });
});

test("where others hold over half of the machine, fewer viewers are no advice", () => {
  const crowded = madeStep(1, {
    ...{ machineBusyRatio: 1, otherCores: 1.96 },
    broken: [{ cause: "machine", words: "All 2 cores were 100 % busy." }],
  });
  const { message } = firstBrokenError(crowded, 2);
  expect(message).toMatch(/of 1 viewer, is .*: leave the machine to this run$/);
  expect(message).not.toContain("--from");
  expect(firstBrokenError({ ...crowded, otherCores: 0.9 }, 2).message).toContain("--from");
});
