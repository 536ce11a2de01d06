import fc from "fast-check";
import { expect, test } from "vitest";
import { readMediaPlaylist } from "../../src/hls/read-media-playlist.ts";
import type { MediaPlaylist } from "../../src/hls/media-playlist.ts";
import { strictProblems } from "../testing/strict-problems.ts";
import { testConfig, VirtualClock, VirtualFeed } from "../testing/virtual-feed.ts";

const rungs = ["150", "300", "audio"];

function textOf(feed: VirtualFeed, rung: string): string | undefined {
  const playlist = feed.packager.playlist(rung);
  return playlist === undefined ? undefined : Buffer.from(playlist.plain).toString();
}

function playlistOf(feed: VirtualFeed, rung = "300"): MediaPlaylist {
  const result = readMediaPlaylist(textOf(feed, rung) ?? "");
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.playlist;
}

/** What must hold for whoever saw all versions of all playlists of a feed. */
class Watcher {
  readonly #digestOf = new Map<string, string>();
  readonly #numberOf = new Map<string, number>();
  readonly #dateOf = new Map<string, number>();
  #mediaSequence = 0;
  #discontinuitySequence = 0;
  #lastMsn = 0;
  #lastEpoch = 0;

  look(feed: VirtualFeed): void {
    const texts = rungs.map((rung) => textOf(feed, rung));
    expect(new Set(texts.map((text) => text === undefined)).size).toBe(1);
    if (texts[0] === undefined) return;
    for (const text of texts) expect(strictProblems(text!)).toEqual([]);
    const playlists = rungs.map((rung) => playlistOf(feed, rung));
    const shape = (playlist: MediaPlaylist): string =>
      JSON.stringify({
        ...playlist,
        segments: playlist.segments.map((segment) => ({ ...segment, mapUri: "" })),
      });
    expect(new Set(playlists.map(shape)).size).toBe(1);
    this.#lookAt(playlists[0]!);
    for (const [index, playlist] of playlists.entries())
      this.#fetchAll(feed, rungs[index]!, playlist);
  }

  #lookAt(playlist: MediaPlaylist): void {
    const { mediaSequence, discontinuitySequence, segments } = playlist;
    expect(playlist.targetDurationSec).toBe(4);
    expect(mediaSequence).toBeGreaterThanOrEqual(this.#mediaSequence);
    expect(discontinuitySequence).toBeGreaterThanOrEqual(this.#discontinuitySequence);
    expect(mediaSequence + segments.length - 1).toBeGreaterThanOrEqual(this.#lastMsn);
    this.#mediaSequence = mediaSequence;
    this.#discontinuitySequence = discontinuitySequence;
    this.#lastMsn = mediaSequence + segments.length - 1;
    expect(segments.length).toBeLessThanOrEqual(6);
    let number = discontinuitySequence;
    let epochBefore: string | undefined;
    let endUnixMs = 0;
    for (const [index, segment] of segments.entries()) {
      const [epoch, msn] = segment.uri.split(/[-.]/) as [string, string];
      expect(Number(msn)).toBe(mediaSequence + index);
      if (epochBefore !== undefined) expect(segment.discontinuity).toBe(epoch !== epochBefore);
      epochBefore = epoch;
      if (segment.discontinuity) number += 1;
      expect(this.#numberOf.get(segment.uri) ?? number).toBe(number);
      this.#numberOf.set(segment.uri, number);
      const date = segment.programDateTimeUnixMs!;
      expect(this.#dateOf.get(segment.uri) ?? date).toBe(date);
      this.#dateOf.set(segment.uri, date);
      expect(date).toBeGreaterThanOrEqual(endUnixMs - 1);
      endUnixMs = date + segment.durationUs / 1000;
      expect(Math.round(segment.durationUs / 1e6)).toBeLessThanOrEqual(4);
    }
    expect(Number(epochBefore)).toBeGreaterThanOrEqual(this.#lastEpoch);
    this.#lastEpoch = Number(epochBefore);
  }

  #fetchAll(feed: VirtualFeed, rung: string, playlist: MediaPlaylist): void {
    for (const { uri, mapUri } of playlist.segments) {
      const [epoch, msn] = uri.split(/[-.]/).map(Number) as [number, number];
      const object = feed.packager.segment({ rung, epoch, msn });
      expect(object).toBeDefined();
      const key = `${rung}/${uri}`;
      expect(this.#digestOf.get(key) ?? object!.sha256).toBe(object!.sha256);
      this.#digestOf.set(key, object!.sha256);
      const hash = /^init-([0-9a-f]+)\.mp4$/.exec(mapUri!)![1]!;
      expect(feed.packager.init({ rung, hash })?.sha256.startsWith(hash)).toBe(true);
    }
  }
}

type Act =
  | { kind: "publish"; frameRate: number }
  | { kind: "leave" | "crashEncoder" | "crashProgram" | "breakEncoder" | "mendEncoder" }
  | { kind: "wait"; sec: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("publish" as const), frameRate: fc.constantFrom(24, 25, 30, 60) }) }, // prettier-ignore
  { weight: 2, arbitrary: fc.constant<Act>({ kind: "leave" }) },
  { weight: 1, arbitrary: fc.constant<Act>({ kind: "crashEncoder" }) },
  { weight: 1, arbitrary: fc.constant<Act>({ kind: "crashProgram" }) },
  { weight: 1, arbitrary: fc.constantFrom<Act>({ kind: "breakEncoder" }, { kind: "mendEncoder" }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("wait" as const), sec: fc.integer({ min: 1, max: 40 }) }) }, // prettier-ignore
);

test(
  "whatever publishers, encoders and programs do, nobody ever sees a number go back or a name reused",
  { timeout: 60_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 3, maxLength: 14 }), async (acts) => {
        const config = testConfig({ window: { segmentCount: 6, graceMs: 8_000 } });
        const clock = new VirtualClock();
        let feed = new VirtualFeed({ config, clock });
        const watcher = new Watcher();
        for (const next of acts) {
          if (next.kind === "publish") feed.publish(next);
          if (next.kind === "leave") feed.leave();
          if (next.kind === "crashEncoder") feed.crashEncoder();
          if (next.kind === "breakEncoder") feed.encoderFails = true;
          if (next.kind === "mendEncoder") feed.encoderFails = false;
          if (next.kind === "crashProgram") {
            feed = new VirtualFeed({ config, clock, saved: feed.saved });
          }
          const sec = next.kind === "wait" ? next.sec : 1;
          for (let i = 0; i < sec; i++) {
            await feed.run(1_000);
            watcher.look(feed);
          }
        }
      }),
      { numRuns: 30 },
    );
  },
);
