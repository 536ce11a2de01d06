import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LadderDocument } from "../src/hls/ladder-document.ts";
import { lastMsnOf } from "../src/hls/media-playlist.ts";
import { PeakRate } from "../src/hls/peak-rate.ts";
import { play, probe } from "./testing/probe.ts";
import { strictProblems } from "./testing/strict-problems.ts";
import { TestOrigin } from "./testing/test-origin.ts";
import type { TestPublisher } from "./testing/test-publisher.ts";
import { walkRung, type WalkedRung } from "./testing/walk.ts";

/** One broadcast, told in order: each test goes on where the one before it ended. */
let origin: TestOrigin;
let publisher: TestPublisher;
const rungs = ["150", "300", "audio"];

beforeAll(async () => {
  origin = await TestOrigin.start({ window: { graceMs: 6_000, segmentCount: 6 } });
});
afterAll(() => origin.close());

test("a feed that nobody publishes is offline, and has no playlist", async () => {
  expect((await origin.status()).state).toBe("offline");
  for (const path of ["/300/index.m3u8", "/index.m3u8", "/ladder.json"]) {
    expect((await origin.get(path)).status, path).toBe(404);
  }
});

test("a request before the third segment is held, then told to come back", async () => {
  publisher = origin.publish();
  expect((await origin.reaches("starting")).ladderVersion).toBe(0);
  const response = await origin.get("/300/index.m3u8");
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
  const live = await origin.reaches("live");
  expect(live.ladderVersion).toBeGreaterThan(0);
  expect((await origin.playlist("300")).segments.length).toBeGreaterThanOrEqual(3);
});

let walked: WalkedRung[];

test("all rungs show the same segments, newest at once, with numbers that rise", async () => {
  walked = await Promise.all(rungs.map((rung) => walkRung(origin, rung, { newSegments: 5 })));
  const last = walked.map(({ versions }) => versions.at(-1)!.playlist);
  expect(last[0]!.segments.length).toBe(6);
  for (const { versions } of walked) {
    versions.forEach(({ playlist, atUnixMs }, index) => {
      const before = versions[index - 1]?.playlist;
      if (before === undefined) return;
      expect(lastMsnOf(playlist)).toBe(lastMsnOf(before) + 1);
      expect(playlist.mediaSequence - before.mediaSequence).toBeOneOf([0, 1]);
      // Nothing that was said changes.
      const kept = before.segments.slice(playlist.mediaSequence - before.mediaSequence);
      expect(playlist.segments.slice(0, kept.length)).toEqual(kept);
      // The reload is answered within a part of the listing: the segment's end, coded and packed.
      const segment = playlist.segments.at(-1)!;
      const endUnixMs = segment.programDateTimeUnixMs! + segment.durationUs / 1000;
      expect(atUnixMs - endUnixMs).toBeLessThan(2_000);
    });
  }
  const facts = last.map(({ segments, ...rest }) => ({
    ...rest,
    segments: segments.map((segment) => ({ ...segment, mapUri: "each has its own" })),
  }));
  expect(facts[1]).toEqual(facts[0]);
  expect(facts[2]).toEqual(facts[0]);
});

test("playlists are valid, typed, compressed and cacheable as the specification has it", async () => {
  for (const { versions } of walked) {
    const { text, playlist, headers } = versions.at(-1)!;
    expect(strictProblems(text)).toEqual([]);
    expect(playlist).toMatchObject({ targetDurationSec: 4, version: 6, independentSegments: true });
    expect(text).not.toContain("SERVER-CONTROL");
    expect(text).toContain("#EXT-X-DISCONTINUITY-SEQUENCE:");
    expect(playlist.segments.every((segment) => segment.durationUs <= 4_500_000)).toBe(true);
    expect(headers.get("content-type")).toBe("application/vnd.apple.mpegurl");
    expect(headers.get("content-encoding")).toBe("gzip");
    expect(headers.get("vary")).toBe("Accept-Encoding");
    expect(headers.get("cache-control")).toBe("max-age=24");
  }
  const plain = await origin.get("/300/index.m3u8", { headers: { "accept-encoding": "identity" } });
  expect(plain.headers.get("content-encoding")).toBeNull();
  expect(plain.headers.get("cache-control")).toBe("max-age=2");
  const multivariant = await (await origin.get("/index.m3u8")).text();
  expect(strictProblems(multivariant)).toEqual([]);
});

test("segments begin with an IDR, follow one another without a gap and last as the playlist says", async () => {
  for (const { versions, segments, inits, rung } of walked) {
    const listed = versions.flatMap(({ playlist }) => playlist.segments);
    const unique = [...new Map(listed.map((segment) => [segment.uri, segment])).values()];
    let nextSec: Partial<Record<string, number>> = {};
    for (const { uri, mapUri, durationUs } of unique) {
      const { bytes, headers } = segments.get(uri)!;
      const digest = createHash("sha256").update(bytes).digest("base64");
      expect(headers.get("repr-digest")).toBe(`sha-256=:${digest}:`);
      expect(headers.get("content-type")).toBe("video/mp4");
      expect(headers.get("cache-control")).toContain("immutable");
      const { packets } = await probe(Buffer.concat([inits.get(mapUri!)!.bytes, bytes]));
      const pictures = packets.filter((packet) => packet.codec_type === "video");
      if (rung !== "audio") {
        expect(pictures[0]!.flags).toContain("K");
        expect(pictures.length / 30).toBeCloseTo(durationUs / 1e6, 4);
      }
      for (const packet of packets) {
        const { codec_type: track, dts_time: dtsTime } = packet;
        const expectedSec = nextSec[track];
        if (expectedSec !== undefined) expect(Number(dtsTime)).toBeCloseTo(expectedSec, 3);
        nextSec = {
          ...nextSec,
          [track]: Number(dtsTime) + (track === "video" ? 1 / 30 : 1024 / 48_000),
        };
      }
    }
  }
});

test("the ladder is what the media is: codecs, size, frame rate, peak rate", async () => {
  const ladder = (await (await origin.get("/ladder.json")).json()) as LadderDocument;
  expect(ladder.variants.map((variant) => variant.rung)).toEqual(rungs);
  for (const [index, variant] of ladder.variants.entries()) {
    const { segments, inits, versions } = walked[index]!;
    const peak = new PeakRate({ targetDurationSec: 4 });
    for (const segment of versions.at(-1)!.playlist.segments) {
      peak.push({ durationUs: segment.durationUs, bytes: segments.get(segment.uri)!.bytes.length });
    }
    expect(peak.peakBitsPerSec).toBeLessThanOrEqual(variant.bandwidthBitsPerSec);
    expect(variant.averageBandwidthBitsPerSec).toBeLessThanOrEqual(variant.bandwidthBitsPerSec);
    const [init] = inits.values();
    const [segment] = segments.values();
    const { streams } = await probe(Buffer.concat([init!.bytes, segment!.bytes]));
    const codecs = streams.map(({ codec_type: track, level }) =>
      track === "audio" ? "mp4a.40.2" : `avc1.4D40${level.toString(16).toUpperCase()}`,
    );
    expect(codecs.join(",")).toBe(variant.codecs);
    const picture = streams.find((stream) => stream.codec_type === "video");
    expect(picture?.width).toBe(variant.width);
    expect(picture?.height).toBe(variant.height);
    expect(picture?.r_frame_rate).toBe(variant.frameRate && `${variant.frameRate}/1`);
  }
});

test("ffmpeg plays the ladder without a warning", async () => {
  expect(await play(`${origin.base}/index.m3u8`, { sec: 4 })).toBe("");
});

test("requests that are wrong or early get the status that the specification names", async () => {
  const { mediaSequence, segments } = await origin.playlist("300");
  const last = mediaSequence + segments.length - 1;
  const { uri, mapUri } = segments.at(-1)!;
  const epoch = uri.split("-")[0]!;
  const table: [path: string, status: number][] = [
    ["/300/index.m3u8?_HLS_part=1", 400],
    ["/300/index.m3u8?_HLS_msn=x", 400],
    [`/300/index.m3u8?_HLS_msn=${last}&_HLS_msn=${last}`, 400],
    [`/300/index.m3u8?_HLS_msn=${last + 9}`, 400],
    [`/300/index.m3u8?_HLS_msn=${last}`, 200],
    ["/300/index.m3u8?_HLS_msn=1", 200],
    ["/300/index.m3u8?_HLS_skip=YES&other=1", 200],
    ["/301/index.m3u8", 404],
    ["/0300/index.m3u8", 404],
    [`/300/${uri}`, 200],
    [`/300/${uri}?x=1`, 200],
    [`/301/${uri}`, 404],
    [`/300/${epoch}-${last + 1}.m4s`, 404],
    [`/300/${Number(epoch) + 1}-${last}.m4s`, 404],
    [`/300/${epoch}-${last}.0.m4s`, 404],
    [`/300/${mapUri}`, 200],
    ["/300/init-0000000000000000.mp4", 404],
    ["/status.json?v=x", 400],
    ["/status.json?v=1", 200],
    ["/room", 404],
    ["/../main/status.json", 200],
    ["/%73tatus.json", 404],
  ];
  for (const [path, status] of table) {
    expect((await origin.get(path)).status, path).toBe(status);
  }
  const other = origin.base.replace("/live/main", "/live/other/status.json");
  expect((await fetch(other)).status).toBe(404);
});

test("segments answer ranges, HEAD, conditions and nothing but the methods there are", async () => {
  const { segments } = await origin.playlist("300");
  const path = `/300/${segments[0]!.uri}`;
  const whole = await origin.get(path);
  const bytes = Buffer.from(await whole.arrayBuffer());
  const ranged = await origin.get(path, { headers: { range: "bytes=100-199" } });
  expect([ranged.status, ranged.headers.get("content-range")]).toEqual([
    206,
    `bytes 100-199/${bytes.length}`,
  ]);
  expect(Buffer.from(await ranged.arrayBuffer()).equals(bytes.subarray(100, 200))).toBe(true);
  const beyond = await origin.get(path, { headers: { range: `bytes=${bytes.length}-` } });
  expect(beyond.status).toBe(416);
  const head = await origin.get(path, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length")]).toEqual([200, String(bytes.length)]);
  const etag = whole.headers.get("etag")!;
  expect((await origin.get(path, { headers: { "if-none-match": etag } })).status).toBe(304);
  expect((await origin.get(path, { method: "OPTIONS" })).headers.get("allow")).toContain("GET");
  expect((await origin.get(path, { method: "DELETE" })).status).toBe(405);
});

test("children's viewer counts add up, come down with the status, and are checked", async () => {
  const post = async (body: string, contentType = "application/json"): Promise<number> => {
    const headers = { "content-type": contentType };
    return (await origin.get("/viewers", { method: "POST", headers, body })).status;
  };
  // Held ones are answered when anything changes, or their time is over.
  const untilViewers = async (count: number): Promise<void> => {
    let status = await origin.status();
    while (status.viewers !== count) status = await origin.status(`?v=${status.version}`);
  };
  const seven = untilViewers(7);
  expect(await post('{"node":"edge-1","process":0,"viewers":7}')).toBe(204);
  await seven;
  expect(await post('{"node":"edge-2","process":0,"viewers":5}')).toBe(204);
  await untilViewers(12);
  expect(await post('{"node":"edge-1","process":0,"viewers":-1}')).toBe(400);
  expect(await post("{")).toBe(400);
  expect(await post("{}", "text/plain")).toBe(415);
  expect(await post(`"${"x".repeat(40_000)}"`)).toBe(413);
  expect((await origin.get("/viewers")).status).toBe(405);
});

test("metrics tell of the feed, and the origin is ready", async () => {
  const text = await (await fetch(`${origin.adminBase}/metrics`)).text();
  const value = (pattern: string): number =>
    Number(new RegExp(`^${pattern} (\\S+)$`, "m").exec(text)?.[1]);
  expect(value('live_origin_feed_state\\{feed="main",state="live",.*\\}')).toBe(1);
  expect(value('live_origin_segments_total\\{feed="main",.*\\}')).toBeGreaterThan(6);
  expect(value('live_origin_bandwidth_breaches_total\\{feed="main",rung="300",.*\\}')).toBe(0);
  expect(value('live_origin_viewers\\{feed="main",.*\\}')).toBe(12);
  expect((await fetch(`${origin.adminBase}/readyz`)).status).toBe(200);
});

/** Discontinuity number of each segment listed, by MSN. */
function discontinuityNumbers(playlist: Awaited<ReturnType<TestOrigin["playlist"]>>) {
  let number = playlist.discontinuitySequence;
  return new Map(
    playlist.segments.map((segment, index) => {
      if (segment.discontinuity) number += 1;
      return [playlist.mediaSequence + index, number];
    }),
  );
}

test("a second publisher takes over: the old one is closed, its first segment is there within 7 s", async () => {
  const before = await origin.playlist("300");
  const first = publisher;
  publisher = origin.publish();
  await first.exited;
  const takenOverMs = performance.now();
  const epochBefore = before.segments.at(-1)!.uri.split("-")[0]!;
  const after = await origin.playlistUntil("300", ({ segments }) => {
    return !segments.at(-1)!.uri.startsWith(`${epochBefore}-`);
  });
  expect(performance.now() - takenOverMs).toBeLessThan(7_000);
  expect(after.segments.filter((segment) => segment.discontinuity).length).toBe(1);
  expect(after.segments.at(-1)).toMatchObject({ discontinuity: true });
  expect((await origin.status()).state).toBe("live");
  const numbers = discontinuityNumbers(after);
  for (const [msn, number] of discontinuityNumbers(before)) {
    expect(numbers.get(msn) ?? number).toBe(number);
  }
});

test("a publisher killed and back at 25 fps goes on in the same feed, with one break in all rungs", async () => {
  const before = await origin.playlist("300");
  await publisher.kill();
  await origin.reaches("waiting");
  const unchanged = await origin.get("/300/index.m3u8");
  expect(unchanged.status).toBe(200);
  publisher = origin.publish({ frameRate: 25 });
  const isNew = (uri: string) => Number(uri.split("-")[0]) > Number(before.segments.at(-1)!.uri.split("-")[0]); // prettier-ignore
  await origin.reaches("live");
  const after = await origin.playlistUntil("300", ({ segments }) => {
    return segments.filter(({ uri }) => isNew(uri)).length >= 2;
  });
  const fresh = after.segments.filter(({ uri }) => isNew(uri));
  expect(fresh.map((segment) => [segment.discontinuity, segment.durationUs])).toEqual([
    [true, 3_840_000],
    [false, 3_840_000],
  ]);
  expect(after.mediaSequence).toBeGreaterThanOrEqual(before.mediaSequence);
  expect(after.targetDurationSec).toBe(4);
  const dates = after.segments.map((segment) => segment.programDateTimeUnixMs!);
  expect(dates).toEqual([...dates].sort((a, b) => a - b));
  for (const rung of rungs) {
    const { segments, mediaSequence } = await origin.playlist(rung);
    const breakMsn = mediaSequence + segments.findIndex(({ uri }) => isNew(uri));
    expect(breakMsn).toBe(after.mediaSequence + after.segments.indexOf(fresh[0]!));
    expect(segments[breakMsn - mediaSequence]!.discontinuity).toBe(true);
  }
  const ladder = (await (await origin.get("/ladder.json")).json()) as LadderDocument;
  expect(ladder.variants.map((variant) => variant.frameRate)).toEqual([25, 25, undefined]);
  expect(await continuesAcross(after.segments.map(({ uri, mapUri }) => ({ uri, mapUri })))).toBe(
    true,
  );
  // ffmpeg's demuxer says this of every playlist with a second init segment, and plays on.
  const warnings = (await play(`${origin.base}/300/index.m3u8`, { sec: 16 })).split("\n");
  const known = /^$|Found duplicated MOOV Atom|Last message repeated/;
  expect(warnings.filter((line) => !known.test(line))).toEqual([]);
});

/** Whether decode times go on over all the segments of rung 300, epochs included. */
async function continuesAcross(
  segments: { uri: string; mapUri: string | undefined }[],
): Promise<boolean> {
  let endSec: number | undefined;
  for (const { uri, mapUri } of segments) {
    const parts = await Promise.all(
      [mapUri!, uri].map(async (name) => (await origin.get(`/300/${name}`)).arrayBuffer()),
    );
    const { packets } = await probe(Buffer.concat(parts.map((part) => Buffer.from(part))));
    const pictures = packets.filter((packet) => packet.codec_type === "video");
    const startSec = Number(pictures[0]!.dts_time);
    if (endSec !== undefined && Math.abs(startSec - endSec) > 0.001) return false;
    const frameSec = Number(pictures[1]!.dts_time) - startSec;
    endSec = Number(pictures.at(-1)!.dts_time) + frameSec;
  }
  return true;
}

test("when nobody comes back within the grace, the playlist ends and the next broadcast is new", async () => {
  const before = await origin.playlist("300");
  await publisher.kill();
  const killedMs = performance.now();
  await origin.reaches("ended");
  expect(performance.now() - killedMs).toBeGreaterThan(5_900);
  const ended = await origin.playlist("300");
  expect(ended.ended).toBe(true);
  expect(lastMsnOf(ended)).toBeGreaterThanOrEqual(lastMsnOf(before));
  const far = await origin.get(`/300/index.m3u8?_HLS_msn=${lastMsnOf(ended) + 99}`);
  expect(far.status).toBe(200);

  publisher = origin.publish();
  await origin.reaches("starting");
  await origin.reaches("live");
  const next = await origin.playlist("300");
  expect(next.mediaSequence).toBe(lastMsnOf(ended) + 1);
  expect(next.ended).toBe(false);
  const oldUri = ended.segments.at(-1)!.uri;
  expect((await origin.get(`/300/${oldUri}`)).status).toBe(200);
});
