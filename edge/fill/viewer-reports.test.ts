import { expect, test } from "vitest";
import type { ParentHandlers } from "./parent-client.ts";
import { ViewerReporter } from "./viewer-reports.ts";

test("a parent that does not answer has one report of a feed at a time to answer", () => {
  const open = new Set<ParentHandlers>();
  let failedCount = 0;
  const reporter = new ViewerReporter({
    node: "edge-1",
    process: 1,
    feeds: ["main", "second"],
    countOf: () => 5,
    parent: () => ({
      post: (_path, _body, handlers) => {
        open.add(handlers);
        return { abort: () => open.delete(handlers) };
      },
    }),
    failed: () => (failedCount += 1),
  });
  for (let n = 0; n < 100; n++) reporter.report();
  expect([open.size, failedCount]).toEqual([2, 198]);
  for (const handlers of open) handlers.end();
  reporter.report();
  expect(failedCount).toBe(198);
});
