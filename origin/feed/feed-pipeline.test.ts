import { expect, test } from "vitest";
import { readMediaPlaylist } from "../../src/hls/read-media-playlist.ts";
import type { MediaPlaylist } from "../../src/hls/media-playlist.ts";
import { testConfig, VirtualClock, VirtualFeed } from "../testing/virtual-feed.ts";

function textOf(feed: VirtualFeed, rung: string): string | undefined {
  const playlist = feed.packager.playlist(rung);
  return playlist === undefined ? undefined : Buffer.from(playlist.plain).toString();
}

function playlistOf(feed: VirtualFeed, rung = "300"): MediaPlaylist {
  const result = readMediaPlaylist(textOf(feed, rung) ?? "");
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.playlist;
}

/** The segments listed, "!" before a break. */
function shown(feed: VirtualFeed): string {
  const { segments } = playlistOf(feed);
  return segments.map(({ uri, discontinuity }) => (discontinuity ? "!" : "") + uri).join(" ");
}

test("the playlist of a feed that has just begun", async () => {
  const feed = new VirtualFeed();
  feed.publish();
  await feed.run(14_500);
  expect(feed.pipeline.state).toBe("live");
  expect(textOf(feed, "300")).toBe(`#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:5000
#EXT-X-DISCONTINUITY-SEQUENCE:20000
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init-${/init-([0-9a-f]{16})/.exec(textOf(feed, "300")!)![1]}.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T00:00:00.033Z
#EXTINF:4.266667,
1001-5000.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T00:00:04.300Z
#EXTINF:4.266666,
1001-5001.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T00:00:08.566Z
#EXTINF:4.266667,
1001-5002.m4s
`);
});

test("a publisher who comes back goes on behind one break, with the numbers and the times going on", async () => {
  const feed = new VirtualFeed();
  feed.publish();
  await feed.run(20_000);
  const before = playlistOf(feed);
  feed.leave();
  await feed.run(5_000);
  expect(feed.pipeline.state).toBe("waiting");
  // The tail of the first epoch was listed, and no more.
  expect(playlistOf(feed).segments.length).toBe(before.segments.length + 1);
  feed.publish({ frameRate: 25 });
  await feed.run(6_000);
  expect(feed.pipeline.state).toBe("live");
  expect(shown(feed)).toBe(
    "1001-5000.m4s 1001-5001.m4s 1001-5002.m4s 1001-5003.m4s 1001-5004.m4s !1002-5005.m4s",
  );
  const { segments } = playlistOf(feed);
  expect(segments.at(-1)!.durationUs).toBe(3_840_000);
  const dates = segments.map((segment) => segment.programDateTimeUnixMs!);
  expect(Math.abs(dates.at(-1)! - dates[0]! - 25_000)).toBeLessThan(50);
});

test("a take-over never leaves the live state", async () => {
  const feed = new VirtualFeed();
  feed.publish();
  await feed.run(20_000);
  const states = new Set<string>();
  feed.pipeline.onChange(() => states.add(feed.pipeline.status().state));
  feed.publish();
  await feed.run(6_000);
  expect([...states]).toEqual(["live"]);
  expect(shown(feed)).toMatch(/!1002-500\d\.m4s$/);
});

test("an encoder that will not end holds the next publisher up for 1.5 s and no more", async () => {
  const feed = new VirtualFeed();
  feed.publish();
  await feed.run(20_000);
  feed.encoderHangs = true;
  feed.publish();
  await feed.run(7_000);
  expect(shown(feed)).toMatch(/ 1001-5004\.m4s !1002-5005\.m4s$/);
  // What the hung one still gives comes too late.
  feed.encoderHangs = false;
  await feed.run(5_000);
  expect(shown(feed)).toMatch(/ 1001-5004\.m4s !1002-5005\.m4s 1002-5006\.m4s$/);
});

test("a publisher who stays away gets ENDLIST after the grace, and 404 two windows later", async () => {
  const feed = new VirtualFeed({
    config: testConfig({ window: { graceMs: 10_000, segmentCount: 6 } }),
  });
  feed.publish();
  await feed.run(20_000);
  feed.leave();
  await feed.run(9_000);
  expect([feed.pipeline.state, playlistOf(feed).ended]).toEqual(["waiting", false]);
  await feed.run(1_500);
  expect([feed.pipeline.state, playlistOf(feed).ended]).toEqual(["ended", true]);
  const [segment] = playlistOf(feed).segments;
  const [epoch, msn] = segment!.uri.split(/[-.]/).map(Number) as [number, number];
  await feed.run(2 * 6 * 4_000 - 1_000);
  expect(feed.packager.segment({ rung: "300", epoch, msn })).toBeDefined();
  await feed.run(2_000);
  expect([feed.pipeline.state, textOf(feed, "300")]).toEqual(["offline", undefined]);
  expect(feed.packager.segment({ rung: "300", epoch, msn })).toBeUndefined();
  expect(feed.pipeline.status().ladderVersion).toBe(0);
});

test("with no grace at all the last segments still come before ENDLIST", async () => {
  const feed = new VirtualFeed({ config: testConfig({ window: { graceMs: 0 } }) });
  feed.publish();
  await feed.run(20_000);
  const before = playlistOf(feed).segments.length;
  feed.encoderHangs = true;
  feed.leave();
  await feed.run(300);
  expect(feed.pipeline.state).toBe("waiting");
  feed.encoderHangs = false;
  await feed.run(300);
  expect(playlistOf(feed)).toMatchObject({ ended: true });
  expect(playlistOf(feed).segments.length).toBe(before + 1);
});

test("an encoder that dies is replaced after a delay that doubles, and reset by success", async () => {
  const feed = new VirtualFeed();
  feed.publish();
  await feed.run(20_000);
  feed.encoderFails = true;
  const counts: number[] = [];
  const epochs = (): number => feed.saved.epoch - 1_000;
  feed.crashEncoder();
  for (let sec = 0; sec < 24; sec += 2) {
    await feed.run(2_000);
    counts.push(epochs());
  }
  expect(feed.pipeline.state).toBe("waiting");
  // At each keyframe (one in 2 s) at most, later only every 5 s and a keyframe.
  expect(counts.at(-1)).toBeLessThan(9);
  expect(counts.at(-1)).toBeGreaterThan(4);
  feed.encoderFails = false;
  await feed.run(14_000);
  expect(feed.pipeline.state).toBe("live");
  const started = epochs();
  feed.crashEncoder();
  await feed.run(3_000);
  expect(epochs()).toBe(started + 1);
});

test("a feed that lists nothing for 12 s is waiting, and live with the next segment", async () => {
  const feed = new VirtualFeed();
  feed.publish();
  await feed.run(20_000);
  feed.encoderStalls = true;
  await feed.run(7_000);
  expect(feed.pipeline.status().state).toBe("live");
  await feed.run(6_000);
  expect(feed.pipeline.status().state).toBe("waiting");
  feed.encoderStalls = false;
  await feed.run(5_000);
  expect(feed.pipeline.status().state).toBe("live");
});

test("an encoder that is behind is spoken of, a publisher's hole is not taken for it", async () => {
  const holed = new VirtualFeed();
  holed.publish();
  await holed.run(20_000);
  holed.sourceStalls = holed.encoderStalls = true;
  await holed.run(7_000);
  holed.sourceStalls = holed.encoderStalls = false;
  await holed.run(20_000);
  expect(holed.warnings).toEqual([]);
  const slow = new VirtualFeed();
  slow.encoderSpeed = 0.8;
  slow.publish();
  await slow.run(30_000);
  expect(slow.warnings).toEqual(["the encoder is behind: this machine is too slow"]);
});

test("epochs are a second apart, however often publishers take over", async () => {
  const feed = new VirtualFeed();
  const before = feed.saved.epoch;
  for (let count = 0; count < 40; count++) {
    feed.publish({ claims: true });
    await feed.run(600);
  }
  const passedSec = (40 * 600) / 1000;
  expect(feed.saved.epoch - before).toBeLessThanOrEqual(passedSec + 1);
  expect(feed.saved.epoch - before).toBeGreaterThan(passedSec / 3);
  await feed.run(20_000);
  expect(feed.pipeline.state).toBe("live");
});

test("a program that crashed goes on past all numbers it had used, behind a break", async () => {
  const clock = new VirtualClock();
  const first = new VirtualFeed({ clock });
  for (let epoch = 0; epoch < 4; epoch++) {
    first.publish();
    await first.run(14_000);
  }
  await first.run(16_000);
  const before = playlistOf(first);
  expect(before.discontinuitySequence).toBeGreaterThan(20_001);
  const second = new VirtualFeed({ clock, saved: first.saved });
  second.publish();
  await second.run(15_000);
  const after = playlistOf(second);
  expect(after.mediaSequence).toBe(6_000);
  expect(after.discontinuitySequence).toBe(20_003);
  expect(after.segments[0]).toMatchObject({ uri: "1005-6000.m4s", discontinuity: true });
});
