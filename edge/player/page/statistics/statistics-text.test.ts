import { expect, test } from "vitest";
import type { PlayerStatistics } from "./player-statistics.ts";
import { secondsText, statisticsLines, throughputText } from "./statistics-text.ts";

const statistics: PlayerStatistics = {
  takenUnixMs: 1_700_000_000_000,
  feed: "main",
  pageBuild: "0123abcd",
  edgeHost: "edge.example",
  face: "live",
  rung: "450",
  widthPx: 640,
  heightPx: 360,
  bufferSec: 11.2,
  throughputBitsPerSec: 4_200_000,
  latencySec: 12.4,
  behindSec: 0.4,
  playbackRate: 1,
  frameCount: 12_345,
  droppedFrameCount: 3,
  stallCount: 2,
  firstFrameMs: 640,
  playback: {
    engine: "hls.js 1.7.4",
    mediaBytes: 3_400_000,
    targetLatencySec: 13,
    targetIncreaseCount: 1,
    driftRatio: 1.0004,
    cacheOutcome: "hit",
  },
  sharing: null,
};

function valueOf(label: string, changed: Partial<PlayerStatistics> = {}): string | undefined {
  const lines = statisticsLines({ ...statistics, ...changed });
  return lines.find((line) => line.label === label)?.value;
}

test.each([
  ["Picture", "450 kbps, 640 × 360"],
  ["Frames", "12,345, 3 dropped"],
  ["Stalls", "2, target raised once"],
  ["Latency target", "13.0 s"],
  ["Off the target", "+0.4 s, drift 1.000"],
  ["First picture", "0.64 s"],
  ["Received", "3.4 MB"],
  ["Edge", "edge.example, hit"],
  ["Feed", "main, live"],
  ["Versions", "page 0123abcd, hls.js 1.7.4"],
])("%s: %s", (label, value) => {
  expect(valueOf(label)).toBe(value);
});

test("catching up shows its speed, and ahead of the target is a minus", () => {
  const line = valueOf("Off the target", { behindSec: -1.25, playbackRate: 1.1 });
  expect(line).toBe("−1.3 s, playing 1.10×, drift 1.000");
});

test("sound alone has no size, and before media nothing is known", () => {
  expect(valueOf("Picture", { rung: "audio", widthPx: 0, heightPx: 0 })).toBe("sound only");
  const before = { rung: null, behindSec: null, firstFrameMs: null, playback: null };
  expect(valueOf("Picture", before)).toBe("–");
  expect(valueOf("Latency target", before)).toBe("–");
  expect(valueOf("Received", before)).toBe("–");
  expect(valueOf("Edge", before)).toBe("edge.example");
});

test("with sharing, bytes are told apart by where they came from", () => {
  const sharing: PlayerStatistics["sharing"] = {
    obstacle: "none",
    stats: {
      state: "on",
      peerCount: 5,
      cellSize: 18,
      httpBytes: 5_800_000,
      peerBytes: 4_200_000,
      uploadedBytes: 900_000,
      refusedCount: 2,
      lateCount: 1,
      bannedCount: 1,
      isSharing: true,
    },
  };
  expect(valueOf("Received", { sharing })).toBeUndefined();
  expect(valueOf("From the edge", { sharing })).toBe("5.8 MB");
  expect(valueOf("From viewers", { sharing })).toBe("4.2 MB, 2 refused, 1 late");
  expect(valueOf("Given", { sharing })).toBe("900 kB");
  expect(valueOf("Peers", { sharing })).toBe("5 in a cell of 18, on, 1 shut out");
});

test("bandwidth and seconds are short, whatever they are", () => {
  const texts = [null, 64_000, 999_700, 9_940_000, 123_400_000].map(throughputText);
  expect(texts).toEqual(["–", "64 kbps", "1.0 Mbps", "9.9 Mbps", "123 Mbps"]);
  expect([null, 0, 12.34].map(secondsText)).toEqual(["–", "0.0 s", "12.3 s"]);
});
