import { expect, test } from "vitest";
import { isFeedStatus } from "./status-probe.ts";

const status = {
  version: 3,
  state: "live",
  sinceUnixMs: 1,
  lastSegmentUnixMs: 2,
  nowUnixMs: 3,
  viewers: 4,
};

test.each<[string, unknown, boolean]>([
  ["what an edge sends", { ...status, p2p: "off", ladderVersion: 1 }, true],
  ["an older edge's without later fields", status, true],
  ["an unknown state", { ...status, state: "dancing" }, false],
  ["a version that is no number", { ...status, version: "3" }, false],
  ["a count that JSON cannot say", { ...status, viewers: null }, false],
  ["null", null, false],
  ["a list", [status], false],
])("%s is accepted: %#", (_, value, expected) => {
  expect(isFeedStatus(value)).toBe(expected);
});
