import { expect, test } from "vitest";
import type { NodeHealth } from "./node-health.ts";
import type { FeedFacts } from "./status-document.ts";
import { madeNode } from "./testing/made-node.ts";
import { feedVerdict, nodeVerdict, problemsOf, rungVerdict, totalsOf } from "./verdict.ts";

const live: FeedFacts = {
  name: "main",
  state: "live",
  sinceUnixMs: 0,
  lastSegmentUnixMs: 0,
  viewers: 3,
  rungs: [],
};

test("a node is silent, failing, strained or fine, the worst of them first", () => {
  const check = (values: Partial<NodeHealth>, condition: string, why: RegExp): void => {
    const verdict = nodeVerdict(madeNode("edge-1", values));
    expect([verdict.condition, values], JSON.stringify(verdict)).toEqual([condition, values]);
    expect(verdict.why).toMatch(why);
  };
  check({}, "fine", /^$/);
  check({ ageMs: 15_000 }, "fine", /^$/);
  check({ ageMs: 15_001, isReady: false }, "silent", /no report for 15 s/);
  check({ isReady: false, reason: "no parent" }, "failing", /no parent/);
  check({ feeds: [{ name: "main", viewers: 0, isStale: true }] }, "failing", /too old/);
  check({ ejectedParents: ["10.0.0.1:8100"] }, "strained", /10\.0\.0\.1:8100 alone/);
  check({ cpuRatio: 0.9 }, "strained", /90 % of a core/);
  check({ loopLagMs: 300 }, "strained", /300 ms late/);
  check({ capacityBitsPerSec: 100, toViewersBitsPerSec: 90 }, "strained", /90 % of what it may/);
  check({ capacityBitsPerSec: 0, toViewersBitsPerSec: 90 }, "fine", /^$/);
});

test("a feed is judged by its state, its encoder and its rungs", () => {
  const rung = { rung: "300", bandwidthBitsPerSec: 300_000 };
  const check = (values: Partial<FeedFacts>, condition: string): void => {
    expect(feedVerdict({ ...live, ...values }).condition, JSON.stringify(values)).toBe(condition);
  };
  check({}, "fine");
  for (const state of ["offline", "ended"] as const) check({ state }, "off");
  check({ state: "starting" }, "strained");
  check({ state: "waiting" }, "failing");
  const unsaid = { ...live };
  delete unsaid.state;
  expect(feedVerdict(unsaid).condition).toBe("failing");
  check({ encoder: { speedRatio: 0.9, framesPerSec: 27 } }, "strained");
  check({ encoder: { speedRatio: 0.95, framesPerSec: 28.5 } }, "fine");
  check({ encoder: { speedRatio: 0, framesPerSec: 0 } }, "fine");
  check({ rungs: [{ ...rung, peakBitsPerSec: 300_001 }] }, "strained");
  check({ rungs: [rung], capBitsPerSec: 299_999 }, "failing");
});

test("a rung keeps its BANDWIDTH and the cap, or it does not", () => {
  const rung = { rung: "300", bandwidthBitsPerSec: 300, measuredBitsPerSec: 250 };
  expect(rungVerdict({ ...rung, peakBitsPerSec: 300 }, 300)).toBe("within");
  expect(rungVerdict({ ...rung, peakBitsPerSec: 301 }, undefined)).toBe("above-bandwidth");
  expect(rungVerdict({ ...rung, measuredBitsPerSec: 330 }, 300)).toBe("above-bandwidth");
  expect(rungVerdict({ ...rung, measuredBitsPerSec: 331 }, 300)).toBe("above-cap");
  expect(rungVerdict(rung, 299)).toBe("above-cap");
});

test("problems come worst first and name whose they are", () => {
  const nodes = [
    madeNode("a", { cpuRatio: 1 }),
    madeNode("b", { ageMs: 60_000 }),
    madeNode("c", { isReady: false, reason: "no parent answers" }),
    madeNode("d"),
  ];
  expect(problemsOf({ feeds: [live], nodes }).map(({ of }) => of)).toEqual(["c", "b", "a"]);
});

test("totals leave out who is silent, and count hits where viewers are served", () => {
  const nodes = [
    madeNode("shield", { tier: "shield", lookupCount: 50, hitCount: 0 }),
    madeNode("a", { toViewersBitsPerSec: 5, lookupCount: 10, hitCount: 9 }),
    madeNode("b", { toViewersBitsPerSec: 7, lookupCount: 10, hitCount: 9, ageMs: 60_000 }),
  ];
  expect(totalsOf(nodes)).toEqual({ toViewersBitsPerSec: 5, lookupCount: 10, hitCount: 9 });
});
