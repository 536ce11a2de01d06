import { expect, test } from "vitest";
import type { FeedState } from "../../src/hls/status.ts";
import { Metrics } from "../../src/node/metrics.ts";
import type { Publisher } from "../ingest/publisher.ts";
import { packagerMetrics } from "../packager/packager-metrics.ts";
import { VirtualFeed } from "../testing/virtual-feed.ts";
import { feedMetrics } from "./feed-metrics.ts";
import { FeedObserver } from "./feed-observer.ts";

function newObserver({ isReplay = false, capBitsPerSec = 0 } = {}) {
  const said: [string, string][] = [];
  const now = { ms: 0 };
  const observer = new FeedObserver({
    feed: "main",
    clock: { nowMs: () => now.ms, unixMs: () => 1_000_000 + now.ms },
    ...{ isReplay, capBitsPerSec },
    note: (level, text) => said.push([level, text]),
  });
  const metrics = new Metrics({ tier: "origin", node: "test" });
  const packager = observer.ofPackager(
    packagerMetrics(metrics)({ feed: "main", rungs: ["300"], capBitsPerSec: 0 }),
  );
  const feed = observer.ofFeed(feedMetrics(metrics)("main"));
  return { observer, said, now, packager, feed };
}

const main = { standby: false } as Publisher;
const testCard = { standby: true } as Publisher;
const status = { state: "live", sinceUnixMs: 5, lastSegmentUnixMs: 6, viewers: 7 } as const;
const variant = {
  rung: "300",
  bandwidthBitsPerSec: 300_000,
  averageBandwidthBitsPerSec: 280_000,
  codecs: "avc1",
  stableVariantId: "300",
};
const nothing = { status, source: undefined, variants: [], encoder: undefined };

test("a publisher that leaves is news, a test card that yields is none", () => {
  const { observer, said } = newObserver();
  observer.publisherCame(testCard);
  expect(observer.facts(nothing).publisher?.kind).toBe("test card");
  observer.publisherLeft(testCard, "was taken over");
  observer.publisherCame(main);
  expect(observer.facts(nothing).publisher).toMatchObject({ kind: "main", sinceUnixMs: 1_000_000 });
  observer.publisherLeft(main, "closed the connection");
  expect(observer.facts(nothing).publisher).toEqual({ kind: "none" });
  expect(said).toEqual([["warning", "the publisher of main closed the connection"]]);
});

test("a feed that waits and goes on says each once; one that begins or ends says nothing", () => {
  const { feed, said } = newObserver();
  const states: FeedState[] = [
    "offline",
    "starting",
    "live",
    "waiting",
    "waiting",
    "live",
    "ended",
  ];
  for (const state of states) feed.state(state);
  expect(said).toEqual([
    ["bad", "feed main waits: nothing new comes"],
    ["good", "feed main is live again"],
  ]);
});

test("rungs are what was last measured of them, and nothing once that is forgotten", () => {
  const { observer, packager, said } = newObserver({ capBitsPerSec: 450_000 });
  packager.measured("300", { bytes: 1, peakBitsPerSec: 290_000.4, bandwidthBitsPerSec: 300_000 });
  packager.rate("300", 250_000.6);
  packager.breached("300");
  const facts = observer.facts({ ...nothing, variants: [variant] });
  expect(facts.capBitsPerSec).toBe(450_000);
  expect(facts.rungs).toEqual([
    {
      rung: "300",
      bandwidthBitsPerSec: 300_000,
      measuredBitsPerSec: 250_001,
      peakBitsPerSec: 290_000,
    },
  ]);
  expect(said).toEqual([["warning", "rung 300 of main went above its BANDWIDTH"]]);
  packager.forgotten();
  expect(observer.facts({ ...nothing, variants: [variant] }).rungs[0]).toEqual({
    rung: "300",
    bandwidthBitsPerSec: 300_000,
  });
});

test("what comes in is counted over the last 8 s, and the lag is the mean of the last minute", () => {
  const { observer, packager, now } = newObserver();
  observer.publisherCame(main);
  for (let sec = 0; sec <= 30; sec++) {
    now.ms = sec * 1_000;
    observer.sample(now.ms);
    observer.received(sec < 20 ? 1_000 : 2_000);
  }
  expect(observer.facts(nothing).publisher?.bitsPerSec).toBe(16_000);
  expect(observer.receivedBytes).toBe(20 * 1_000 + 11 * 2_000);
  expect(observer.facts(nothing).segmentLagMs).toBeUndefined();
  for (let n = 0; n < 30; n++) packager.listed(0, n < 20 ? 1_000 : 300);
  expect(observer.facts(nothing).segmentLagMs).toBe(500);
});

test("a replay has no publisher", () => {
  const { observer } = newObserver({ isReplay: true });
  expect(observer.facts(nothing).publisher).toEqual({ kind: "replay" });
});

test("an encoder that dies is a fault that names the feed and the reason", async () => {
  const feed = new VirtualFeed();
  feed.publish();
  await feed.run(20_000);
  expect(feed.faults).toEqual([]);
  expect(feed.pipeline.source?.video).toMatchObject({ frameRate: 30 });
  feed.crashEncoder();
  await feed.run(2_000);
  expect(feed.faults[0]).toEqual([
    "bad",
    expect.stringMatching(/^feed main: the epoch ended before its time \(encoder\): ./),
  ]);
});
