import Hls from "hls.js";
import { expect, test } from "vitest";
import {
  firstByteMsMax,
  loadMsMax,
  requested,
  retryAfterFailure,
  retryPauseMs,
} from "./retry-policy.ts";
import { createViewers } from "./viewers.ts";

const policies = {
  multivariant: Hls.DefaultConfig.manifestLoadPolicy.default,
  playlist: Hls.DefaultConfig.playlistLoadPolicy.default,
  segment: Hls.DefaultConfig.fragLoadPolicy.default,
};

test.each(["multivariant", "playlist", "segment"] as const)(
  "requests for a %s are tried again as hls.js's own configuration says",
  (name) => {
    const policy = policies[name];
    const what = requested[name];
    expect(firstByteMsMax[what]).toBe(policy.maxTimeToFirstByteMs);
    expect(loadMsMax[what]).toBe(policy.maxLoadTimeMs);
    for (const isTimeout of [false, true]) {
      const retry = (isTimeout ? policy.timeoutRetry : policy.errorRetry)!;
      for (let attempt = 0; attempt < retry.maxNumRetry; attempt++) {
        const pauseMs = Math.min(retry.retryDelayMs * 2 ** attempt, retry.maxRetryDelayMs);
        expect(retryPauseMs(what, isTimeout, attempt)).toBe(pauseMs);
      }
      expect(retryPauseMs(what, isTimeout, retry.maxNumRetry)).toBe(-1);
    }
  },
);

test("a viewer waits longer after each failure, and gives up after the last", () => {
  const viewers = createViewers(1);
  const waits = [];
  while (retryAfterFailure(viewers, 0, 1_000, requested.segment, false)) {
    waits.push(viewers.retryAtMs[0]! - 1_000);
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
  expect(viewers.failureCount[0]).toBe(7);
});
