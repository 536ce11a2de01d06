import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeUtf8 } from "../base/utf8.ts";
import { faultLevels, printable, type Fault } from "./fault-log.ts";
import {
  bitsPerSecMax,
  countMax,
  feedCountMax,
  nodeId,
  nodeTiers,
  reportBytesMax,
  reportNodeCountMax,
  type NodeHealth,
} from "./node-health.ts";
import { boundedReport } from "./node-report.ts";
import { readNodeReport } from "./read-node-report.ts";
import { madeNode } from "./testing/made-node.ts";

const reporter = { node: "shield", process: 7, nowUnixMs: 1e9 };
const own = madeNode("shield", { process: 7, tier: "shield" });

const countOf = (max = 1e9) => fc.nat({ max });
const text = (max: number) =>
  fc.string({ unit: "binary", maxLength: max }).map((value) => printable(value, max));
const fault: fc.Arbitrary<Fault> = fc.record({
  level: fc.constantFrom(...faultLevels),
  text: text(160),
  count: countOf(),
  firstUnixMs: countOf(),
  lastUnixMs: countOf(),
});
const quality = fc.record({
  sessionCount: countOf(),
  stallCount: countOf(),
  stalledMs: countOf(),
  playedMs: countOf(),
  startupCount: countOf(),
  startupMsSum: countOf(),
});
const node: fc.Arbitrary<NodeHealth> = fc
  .record({
    process: countOf(),
    tier: fc.constantFrom(...nodeTiers),
    ageMs: countOf(200_000),
    isReady: fc.boolean(),
    reason: text(160),
    feeds: fc.array(
      fc.record({
        name: fc.stringMatching(/^[a-z0-9-]{1,32}$/),
        viewers: countOf(),
        isStale: fc.boolean(),
      }),
      { maxLength: 16 },
    ),
    toViewersBitsPerSec: countOf(),
    lookupCount: countOf().map((count) => count + 1e9),
    hitCount: countOf(),
    ejectedParents: fc.array(text(80), { maxLength: 8 }),
    cpuRatio: fc.float({ min: 0, max: 64, noNaN: true }),
    faults: fc.array(fault, { maxLength: 5 }),
    quality: fc.option(quality, { nil: undefined }),
  })
  .map(({ quality: measured, ...values }) =>
    madeNode("edge", {
      parent: nodeId(own),
      ...values,
      ...(measured === undefined ? {} : { quality: measured }),
    }),
  );
const nodes = fc.uniqueArray(node, { maxLength: 120, selector: nodeId });

test("whatever a node knows, its report is taken, within 64 entries and 32 kB, and loses no viewer", () => {
  fc.assert(
    fc.property(nodes, (below) => {
      const report = boundedReport(own, below);
      expect(report.length).toBeLessThanOrEqual(reportNodeCountMax + 1);
      const json = JSON.stringify(report);
      expect(encodeUtf8(json).length).toBeLessThanOrEqual(reportBytesMax);
      expect(readNodeReport(JSON.parse(json), reporter)).toEqual(report);
      const sum = (all: readonly NodeHealth[], read: (one: NodeHealth) => number): number =>
        all.reduce((total, one) => total + read(one), 0);
      expect(sum(report, (one) => one.nodeCount)).toBe(1 + below.length);
      const viewers = (one: NodeHealth): number => one.feeds.reduce((n, f) => n + f.viewers, 0);
      const unique = below.every(
        ({ feeds }) => new Set(feeds.map(({ name }) => name)).size === feeds.length,
      );
      if (unique) expect(sum(report, viewers)).toBe(sum(below, viewers));
      expect(sum(report, (one) => one.hitCount)).toBe(sum(below, (one) => one.hitCount));
    }),
    { numRuns: 60 },
  );
});

test("nodes that are not well keep an entry of their own when there are too many", () => {
  const well = Array.from({ length: 200 }, (_, n) =>
    madeNode("edge", { process: n, parent: nodeId(own) }),
  );
  // Its own parent does not fit.
  const ill = madeNode("ill", { parent: "edge/150", isReady: false, reason: "no parent" });
  const report = boundedReport(own, [...well, ill]);
  expect(report[1]).toEqual({ ...ill, parent: nodeId(own) });
  expect(readNodeReport(report, reporter)).toEqual(report);
  expect(report.at(-1)).toMatchObject({ name: "more", nodeCount: 200 - 62 });
});

test("one child's nodes that are not well do not push other children out", () => {
  const crowd = Array.from({ length: 64 }, (_, n) =>
    madeNode("made-up", { process: n, parent: "bad/1", ageMs: 60_000 }),
  );
  const children = ["bad", "edge-1", "edge-2"].map((name) =>
    madeNode(name, { parent: nodeId(own) }),
  );
  const report = boundedReport(own, [...crowd, ...children]);
  expect(report.map(({ name }) => name)).toEqual(expect.arrayContaining(["edge-1", "edge-2"]));
  expect(readNodeReport(report, reporter)).toEqual(report);
});

test("what children say within bounds makes no report that the parent refuses", () => {
  const most = (name: string, n: number, parent: string): NodeHealth =>
    madeNode(name, {
      ...{ process: n, parent, nodeCount: countMax, lookupCount: countMax, hitCount: countMax },
      ...{ toViewersBitsPerSec: bitsPerSecMax, fillBitsPerSec: bitsPerSecMax },
      feeds: Array.from({ length: feedCountMax }, (_, feed) => ({
        name: `feed-${n}-${feed}`,
        viewers: countMax,
        isStale: false,
      })),
    });
  const crowd = Array.from({ length: 200 }, (_, n) => most("edge", n, nodeId(own)));
  const named = [most("more", own.process, nodeId(own)), most("a", 1, "b/1"), most("b", 1, "a/1")];
  for (const below of [crowd, named, [...named, ...crowd]]) {
    const report = boundedReport(own, below);
    expect(readNodeReport(report, reporter)).toEqual(report);
  }
  const { feeds } = boundedReport(own, crowd).at(-1)!;
  expect(feeds).toHaveLength(feedCountMax);
});

test("a fault is of now at the latest, by the receiver's clock", () => {
  const ahead: Fault = {
    ...{ level: "bad", text: "look", count: 1 },
    ...{ firstUnixMs: 5, lastUnixMs: 9_999_999_999_999 },
  };
  const read = readNodeReport([{ ...own, faults: [ahead] }], reporter);
  expect(read).toMatchObject([{ faults: [{ firstUnixMs: 5, lastUnixMs: reporter.nowUnixMs }] }]);
});

test("whatever comes as a report, reading ends in nodes or in a sentence", () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.array(fc.anything())), (value) => {
      const read = readNodeReport(value, reporter);
      if (Array.isArray(value) && value.length === 0) expect(read).toEqual([]);
      else expect(typeof read).toBe("string");
    }),
  );
});

test("one wrong field refuses the whole report", () => {
  const sound = JSON.parse(JSON.stringify([own])) as Record<string, unknown>[];
  expect(readNodeReport(sound, reporter)).toEqual([own]);
  const keys = Object.keys(sound[0]!);
  expect(keys.length).toBeGreaterThan(18);
  const odd = [undefined, null, -1, NaN, 1e300, "\u0007", "x".repeat(500), {}, [{}]];
  fc.assert(
    fc.property(fc.constantFrom(...keys), fc.constantFrom(...odd), (key, wrong) => {
      // Absent is wrong too, which JSON cannot say with undefined.
      const rest = Object.entries(sound[0]!).filter(([each]) => each !== key);
      const changed = Object.fromEntries(wrong === undefined ? rest : [...rest, [key, wrong]]);
      expect(typeof readNodeReport([changed], reporter)).toBe("string");
    }),
    { numRuns: 300 },
  );
});

test("nobody speaks for others, hides below nobody, or is there twice", () => {
  const check = (list: NodeHealth[], problem: RegExp): void => {
    expect(readNodeReport(list, reporter)).toMatch(problem);
  };
  const child = madeNode("edge-1", { parent: nodeId(own) });
  check([child], /first node must be shield\/7/);
  check([own, child, child], /twice/);
  check([own, madeNode("edge-1", { parent: "other/1" })], /not below/);
  const ring = [madeNode("a", { parent: "b/1" }), madeNode("b", { parent: "a/1" })];
  check([own, ...ring], /not below/);
  check([own, madeNode("a", { parent: "a/1" })], /not below/);
  check([own, { ...child, hitCount: 5, lookupCount: 4 }], /hitCount/);
  const many = Array.from({ length: 66 }, (_, n) => madeNode("edge", { process: n + 10 }));
  check([own, ...many], /over 64/);
});
