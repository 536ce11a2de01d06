import fc from "fast-check";
import { expect, test } from "vitest";
import { readViewerReport, reportedViewersMax } from "./viewer-report.ts";

test.each([
  [{ node: "edge-1", process: 0, viewers: 3 }, "taken"],
  [{ node: "edge-1", process: 0, viewers: 3, more: 1 }, "taken"],
  [undefined, "object"],
  [[], "node"],
  ["edge", "object"],
  [{ process: 0, viewers: 3 }, "node"],
  [{ node: "", process: 0, viewers: 3 }, "node"],
  [{ node: "Edge", process: 0, viewers: 3 }, "node"],
  [{ node: "e".repeat(33), process: 0, viewers: 3 }, "node"],
  [{ node: "edge", process: 1e9 + 1, viewers: 3 }, "process"],
  [{ node: "edge", process: -1, viewers: 3 }, "process"],
  [{ node: "edge", process: "0", viewers: 3 }, "process"],
  [{ node: "edge", process: 0.5, viewers: 3 }, "process"],
  [{ node: "edge", process: 0, viewers: -3 }, "viewers"],
  [{ node: "edge", process: 0, viewers: reportedViewersMax + 1 }, "viewers"],
  [{ node: "edge", process: 0, viewers: null }, "viewers"],
])("the report %j is %s", (body, expected) => {
  const read = readViewerReport(body);
  if (expected === "taken") expect(read).toEqual({ node: "edge-1", process: 0, viewers: 3 });
  else expect(read).toContain(expected);
});

test("the bounds themselves are taken, with the nodes as they came", () => {
  const largest = { node: "e".repeat(32), process: 1e9, viewers: reportedViewersMax, nodes: [1] };
  expect(readViewerReport(largest)).toEqual(largest);
});

test("whatever comes as a report, reading it throws nothing", () => {
  fc.assert(
    fc.property(fc.anything(), (body) => {
      expect(["object", "string"]).toContain(typeof readViewerReport(body));
    }),
  );
});
