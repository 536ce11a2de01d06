import { expect, test } from "vitest";
import { madeNode } from "../../src/health/testing/made-node.ts";
import type { ParentHandlers } from "./parent-client.ts";
import { ViewerReporter } from "./viewer-reports.ts";

test("a parent that does not answer has one report of a feed at a time to answer", () => {
  const open = new Set<ParentHandlers>();
  let failedCount = 0;
  const parent = {
    post: (_path: string, _body: unknown, handlers: ParentHandlers) => {
      open.add(handlers);
      return { abort: () => open.delete(handlers) };
    },
  };
  const reporter = new ViewerReporter({
    node: "edge-1",
    process: () => 1,
    feeds: ["main", "second"],
    countOf: () => 5,
    nodes: () => [],
    parent: () => parent,
    failed: () => (failedCount += 1),
  });
  for (let n = 0; n < 100; n++) reporter.report();
  expect([open.size, failedCount]).toEqual([2, 198]);
  for (const handlers of open) handlers.end();
  reporter.report();
  expect(failedCount).toBe(198);
});

/** A reporter below two parents that answer at once, or never. */
function newReporter({ answers = true } = {}) {
  const said: string[] = [];
  const open = new Set<object>();
  const parentOf = (name: string) => ({
    post: (_path: string, body: unknown, handlers: ParentHandlers) => {
      said.push(`${name} ${(body as { viewers: number }).viewers}`);
      const call = { abort: () => open.delete(call) };
      open.add(call);
      if (answers) {
        open.delete(call);
        handlers.end();
      }
      return call;
    },
  });
  const parents = [parentOf("first"), parentOf("second")];
  const present = { parent: 0 };
  const reporter = new ViewerReporter({
    node: "edge-1",
    process: () => 1,
    feeds: ["main"],
    countOf: () => 5,
    nodes: () => [],
    parent: () => parents[present.parent],
    failed: () => undefined,
  });
  return { reporter, said, open, present };
}

test("the first feed's report says how the node is, and one that leaves says so with no nodes", () => {
  const said: unknown[] = [];
  const parents = [0, 1].map((index) => ({
    post: (path: string, body: unknown, handlers: ParentHandlers) => {
      said.push([index, path, (body as { nodes?: unknown }).nodes]);
      handlers.end();
      return { abort: () => undefined };
    },
  }));
  const present = { parent: 0 };
  const health = madeNode("edge-1");
  const reporter = new ViewerReporter({
    node: "edge-1",
    process: () => 1,
    feeds: ["main", "second"],
    countOf: () => 5,
    nodes: () => [health],
    parent: () => parents[present.parent],
    failed: () => undefined,
  });
  reporter.report();
  present.parent = 1;
  reporter.report();
  expect(said).toEqual([
    [0, "/live/main/viewers", [health]],
    [0, "/live/second/viewers", undefined],
    [0, "/live/main/viewers", []],
    [0, "/live/second/viewers", undefined],
    [1, "/live/main/viewers", [health]],
    [1, "/live/second/viewers", undefined],
  ]);
});

test("a node that changes its parent takes its viewers back from the former one", () => {
  const { reporter, said, present } = newReporter();
  reporter.report();
  present.parent = 1;
  reporter.report();
  reporter.report();
  present.parent = -1;
  reporter.report();
  expect(said).toEqual(["first 5", "first 0", "second 5", "second 5", "second 0"]);
});

test("a node that stops takes its viewers back, however its parent behaves", async () => {
  for (const answers of [true, false]) {
    const { reporter, said } = newReporter({ answers });
    reporter.report();
    await reporter.stop();
    expect(said).toEqual(["first 5", "first 0"]);
    const silent = newReporter({ answers });
    await silent.reporter.stop();
    expect(silent.said).toEqual([]);
  }
});

test("parents that do not answer have no more than two reports of a feed, however often they change", () => {
  const { reporter, open, present } = newReporter({ answers: false });
  for (let n = 0; n < 100; n++) {
    present.parent = n % 2;
    reporter.report();
    expect(open.size).toBeLessThanOrEqual(2);
  }
});
