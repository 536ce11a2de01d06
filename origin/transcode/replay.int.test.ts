import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AppError } from "../../src/base/errors.ts";
import { FragmentReader } from "../../src/media/fragment-reader.ts";
import { audioTimescale, samplesPerAacFrame, videoTimescale } from "../../src/media/grid.ts";
import { systemClock } from "../../src/node/system-clock.ts";
import { recordReplay } from "./record-replay.ts";
import { openReplay, type ReplayManifest } from "./replay-recording.ts";
import { ReplayPlayer, startReplay } from "./replay.ts";
import { makeFlv, publisherArgs, testConfig } from "./testing/encode.ts";

const config = testConfig({
  rungs: [
    { kbps: 120, width: 160, height: 90 },
    { kbps: 240, width: 320, height: 180 },
  ],
});
let folder: string;
let card: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fullhouse-replay-"));
  card = join(folder, "card");
  const result = await recordReplay({ config, dir: card, seconds: 4 });
  expect(result).toMatchObject({ rungs: ["120", "240", "audio"] });
  expect(result.seconds).toBeCloseTo(128 / 30, 9);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Start, end and first-frame flag of every run of samples a track gave. */
async function play(dir: string, partCount: number) {
  const recording = await openReplay({ dir, capKbps: null });
  const readers = recording.tracks.map(() => new FragmentReader());
  const fragments = recording.tracks.map((): { start: number; end: number; sync: boolean }[] => []);
  const player = new ReplayPlayer(recording, {
    trackBytes: (index, bytes) => {
      for (const event of readers[index]!.push(bytes)) {
        if (event.kind === "fault") throw new Error(event.reason);
        if (event.kind !== "fragment") continue;
        const { decodeTicks, samples } = event.fragment;
        const end = samples.reduce((ticks, sample) => ticks + sample.durationTicks, decodeTicks);
        fragments[index]!.push({ start: decodeTicks, end, sync: samples[0]!.sync });
      }
    },
  });
  for (let part = 0; part < partCount; part++) player.nextPart();
  return { recording, fragments };
}

test("the timeline goes on over the loop's seam, in every track", async () => {
  const { recording, fragments } = await play(card, 40);
  expect(recording.gopCount).toBe(2);
  for (const track of fragments) {
    for (let i = 1; i < track.length; i++) expect(track[i]!.start).toBe(track[i - 1]!.end);
  }
  const video = fragments[0]!;
  expect(video).toHaveLength(40);
  expect(fragments[1]).toEqual(video);
  expect(video[0]!.start).toBe(10 * videoTimescale);
  expect(video.map((part) => part.sync)).toEqual(video.map((_, index) => index % 4 === 0));
  const audio = fragments[2]!;
  expect(audio[0]!.start).toBe(10 * audioTimescale - samplesPerAacFrame);
  expect(audio.at(-1)!.end / audioTimescale).toBeCloseTo(video.at(-1)!.end / videoTimescale, 6);
});

test("a replay delivers at the clock's pace, until it is stopped", async () => {
  const recording = await openReplay({ dir: card, capKbps: null });
  const startMs = performance.now();
  let bytes = 0;
  await new Promise<void>((resolve) => {
    const replay = startReplay({
      recording,
      clock: systemClock,
      hooks: {
        trackBytes: (_, chunk) => {
          bytes += chunk.length;
          if (replay.partCount() < 3) return;
          replay.stop();
          resolve();
        },
      },
    });
  });
  expect(bytes).toBeGreaterThan(1_000);
  expect(performance.now() - startMs).toBeGreaterThan(3 * (16 / 30) * 1000 - 5);
});

test.each([
  ["24", 4],
  ["25", 3],
])("a file of %s fps is recorded in whole loops", async (frameRate, gopCount) => {
  const file = join(folder, `${frameRate}.flv`);
  await writeFile(file, await makeFlv(...publisherArgs({ seconds: 9, frameRate })));
  const dir = join(folder, `fps-${frameRate}`);
  await recordReplay({ config, dir, seconds: 5, input: file });
  const { recording, fragments } = await play(dir, 30);
  expect(recording.grid.frameRate).toBe(Number(frameRate));
  expect(recording.gopCount).toBe(gopCount);
  for (const track of fragments) {
    for (let i = 1; i < track.length; i++) expect(track[i]!.start).toBe(track[i - 1]!.end);
  }
});

test("an input shorter than wanted gives fewer loops, and one shorter than a loop is refused", async () => {
  const file = join(folder, "short.flv");
  await writeFile(file, await makeFlv(...publisherArgs({ seconds: 5, frameRate: "30" })));
  const dir = join(folder, "short");
  const result = await recordReplay({ config, dir, seconds: 60, input: file });
  expect(result.seconds).toBeCloseTo(128 / 30, 9);
  await writeFile(file, await makeFlv(...publisherArgs({ seconds: 2, frameRate: "30" })));
  const recording = recordReplay({ config, dir: join(folder, "tiny"), seconds: 60, input: file });
  await expect(recording).rejects.toThrow(/the input has 1\.\d s, and a loop has at least 2\.1/);
});

test("rungs above the cap are left out, and a cap below all of them is refused", async () => {
  const { rungs, tracks } = await openReplay({ dir: card, capKbps: 200 });
  expect(rungs.map((rung) => rung.rung)).toEqual(["120"]);
  expect(tracks).toHaveLength(2);
  await expect(openReplay({ dir: card, capKbps: 100 })).rejects.toThrow("no rung is at or below");
});

test("recording replaces a replay, but no folder with other files", async () => {
  const dir = join(folder, "again");
  await recordReplay({ config, dir, seconds: 1 });
  await recordReplay({ config, dir, seconds: 1 });
  await expect(recordReplay({ config, dir: folder, seconds: 1 })).rejects.toThrow("other files");
});

test("an unreadable input is named in the error", async () => {
  const recording = recordReplay({ config, dir: join(folder, "none"), seconds: 1, input: "/none" });
  await expect(recording).rejects.toThrow(/input \/none cannot be read.*No such file/s);
});

/** Copies the recording, damages it, and expects the words of the refusal. */
async function checkDamage(damage: (dir: string) => Promise<void>, words: string): Promise<void> {
  const dir = await mkdtemp(join(folder, "damaged-"));
  for (const name of ["manifest.json", "120.mp4", "240.mp4", "audio.mp4"]) {
    await writeFile(join(dir, name), await readFile(join(card, name)));
  }
  await damage(dir);
  const error: unknown = await openReplay({ dir, capKbps: null }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(AppError);
  expect((error as AppError).code).toBe("REPLAY_UNUSABLE");
  expect((error as AppError).message).toContain(words);
}

async function editManifest(dir: string, edit: (manifest: ReplayManifest) => void): Promise<void> {
  const path = join(dir, "manifest.json");
  const manifest = JSON.parse(await readFile(path, "utf8")) as ReplayManifest;
  edit(manifest);
  await writeFile(path, JSON.stringify(manifest));
}

test("a damaged folder is refused with words that say what is wrong", async () => {
  await checkDamage((dir) => rm(join(dir, "manifest.json")), "there is no manifest.json");
  await checkDamage((dir) => writeFile(join(dir, "manifest.json"), "{"), "JSON");
  await checkDamage((dir) => rm(join(dir, "240.mp4")), "240.mp4 cannot be read");
  await checkDamage((dir) => writeFile(join(dir, "audio.mp4"), "x"), "audio.mp4 has 1 bytes");
  await checkDamage(async (dir) => {
    const bytes = await readFile(join(dir, "120.mp4"));
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(join(dir, "120.mp4"), bytes);
  }, "120.mp4 does not have the recorded SHA-256");
  await checkDamage(
    (dir) => editManifest(dir, (manifest) => (manifest.gopCount = 1)),
    "120.mp4 has 8 fragments instead of 4",
  );
  await checkDamage(
    (dir) => editManifest(dir, (manifest) => Object.assign(manifest, { version: 2 })),
    "version 2 is not 1",
  );
  await checkDamage(
    (dir) => editManifest(dir, (manifest) => (manifest.tracks[0]!.file = "../120.mp4")),
    "tracks is not one file a rung",
  );
});
