/** k6's thresholds in words: bounds with units, and places to look at that are there. */
import { expect, test } from "vitest";
import { K6Figures } from "./k6-figures.ts";
import { checksOf } from "./load-checks.ts";

/** The line of one threshold. */
function lineOf(
  [metric, bound]: readonly [string, string],
  { value = 1, isOwn = true }: { value?: number; isOwn?: boolean } = {},
) {
  const statistic = bound.slice(0, bound.search(/[<>=!]/));
  const figures = new K6Figures({
    [metric]: {
      type: "trend",
      values: { [statistic]: value },
      thresholds: { [bound]: { ok: false } },
    },
  });
  return checksOf(figures, { isOwn })[0]!;
}

test.each([
  ["viewer_watch_seconds", "count>350", "over 350.0 s"],
  ["viewer_playlist_age_seconds", "p(99)<6", "under 6.00 s"],
  ["viewer_playlist_seconds", "p(99) <= 0.5", "at most 0.500 s"],
  ["http_req_failed{scenario:viewers}", "rate<0.001", "under 0.10 %"],
  ["viewer_digest_failures", "count<1", "none"],
  ["sim_egress_gbps_peak", "value<260", "under 260.0 Gbps"],
  ["sim_joined_viewers", "count==20000", "exactly 20,000"],
  ["sim_joined_viewers", "count>=5", "at least 5"],
])("%s %s is %s", (metric, bound, words) => {
  expect(lineOf([metric, bound]).bound).toBe(words);
});

const judged = [
  ...["http_req_failed", "viewer_failures", "viewer_playlist_regressions"],
  ...["viewer_playlist_age_seconds", "viewer_playlist_seconds", "viewer_late_segments"],
  ...["viewer_segment_first_byte_seconds", "viewer_digest_failures", "viewer_age_failures"],
  ...["viewer_startup_seconds", "viewer_stall_seconds", "viewer_watch_seconds"],
];

test.each(judged)("a red %s sends nobody to metrics that a foreign edge has not", (metric) => {
  const { lookAt = "" } = lineOf([metric, "p(99)<1"], { isOwn: false });
  expect(lookAt).not.toMatch(/live_edge|fills|parents|origin's CPU/);
  expect(lookAt.length).toBeGreaterThan(15);
});

test("of our own edges it names their metrics", () => {
  expect(lineOf(["viewer_playlist_age_seconds", "p(99)<6"]).lookAt).toMatch(/live_edge_playlist/);
});
