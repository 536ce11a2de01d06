import { expect, test } from "vitest";
import {
  audioTimescale,
  samplesPerAacFrame,
  ticksPerFrame,
  videoTimescale,
  type Grid,
} from "../../src/media/grid.ts";
import type { SourceDescription } from "../../src/media/source-description.ts";
import { aacFramesPerFragment } from "./build-arguments.ts";
import { encode, makeFlv, planFor, publisherArgs, type EncodedTrack } from "./testing/encode.ts";
import { timelineOffsetSec } from "./transcode-plan.ts";

const sound = { sampleRateHz: 44_100, channelCount: 2 };

function source(frameRate: number, width = 320, height = 180): SourceDescription {
  return { video: { width, height, frameRate }, audio: sound };
}

/** Two small rungs are enough to see whether rungs agree. */
const twoRungs = {
  rungs: [
    { kbps: 120, width: 160, height: 90 },
    { kbps: 200, width: 320, height: 180 },
  ],
};

/** All video is on the grid: whole parts from 10 s on, an IDR at each GOP and nowhere else. */
function expectVideoOnGrid(track: EncodedTrack, grid: Grid, seconds: number): void {
  const frameTicks = ticksPerFrame(grid);
  const whole = track.fragments.slice(0, -1);
  whole.forEach((fragment, index) => {
    expect(fragment.samples.length, `frames in fragment ${index}`).toBe(grid.framesPerPart);
  });
  let ticks = timelineOffsetSec * videoTimescale;
  const samples = track.fragments.flatMap((fragment) => {
    expect(fragment.decodeTicks).toBe(ticks);
    ticks += fragment.samples.length * frameTicks;
    return fragment.samples;
  });
  samples.forEach((sample, index) => {
    expect(sample.sync, `sync of frame ${index}`).toBe(index % grid.framesPerGop === 0);
    expect(sample.compositionOffsetTicks).toBe(0);
    if (index < samples.length - 1) expect(sample.durationTicks).toBe(frameTicks);
  });
  expect(samples.length / grid.frameRate).toBeGreaterThan(seconds - 0.2);
  expect(samples.length / grid.frameRate).toBeLessThan(seconds + 0.2);
}

/** Sound without a hole, one AAC frame before the video's start, in whole fragments. */
function expectAudioWithoutHole(track: EncodedTrack, seconds: number): void {
  let ticks = timelineOffsetSec * audioTimescale - samplesPerAacFrame;
  track.fragments.forEach((fragment, index) => {
    expect(fragment.decodeTicks, `start of fragment ${index}`).toBe(ticks);
    if (index < track.fragments.length - 1) {
      expect(fragment.samples.length).toBe(aacFramesPerFragment);
    }
    for (const sample of fragment.samples) ticks += sample.durationTicks;
  });
  const madeSec = ticks / audioTimescale - timelineOffsetSec;
  expect(madeSec).toBeGreaterThan(seconds - 0.2);
  expect(madeSec).toBeLessThan(seconds + 0.2);
}

test.each([
  ["30", 30],
  ["25", 25],
  ["24", 24],
  ["30000/1001", 29.97],
  ["24000/1001", 23.976],
  ["50", 50],
  ["60", 60],
  ["15", 15],
])("a source of %s fps comes out on the grid, in all rungs alike", async (text, frameRate) => {
  const seconds = 7;
  const plan = planFor(source(frameRate), twoRungs);
  const flv = await makeFlv(...publisherArgs({ seconds, frameRate: text }));
  const { tracks, exit } = await encode(plan, flv);
  expect(exit).toEqual({ expected: true, message: "ended" });
  for (const track of tracks.slice(0, -1)) expectVideoOnGrid(track, plan.grid, seconds);
  expect(tracks[0]!.fragments.map((fragment) => fragment.decodeTicks)).toEqual(
    tracks[1]!.fragments.map((fragment) => fragment.decodeTicks),
  );
  expectAudioWithoutHole(tracks.at(-1)!, seconds);
});

test.each([
  ["mono sound", { channelCount: 1 }],
  ["48 kHz sound", { sampleRateHz: 48_000 }],
])("%s becomes 48 kHz stereo", async (_, change) => {
  const plan = planFor(source(30), { rungs: [twoRungs.rungs[0]!] });
  const flv = await makeFlv(...publisherArgs({ seconds: 3, frameRate: "30", ...change }));
  const { tracks } = await encode(plan, flv);
  expect(tracks[1]!.init).toMatchObject({ sampleRateHz: 48_000, channelCount: 2 });
  expectAudioWithoutHole(tracks[1]!, 3);
});

test("a portrait source gets portrait rungs", async () => {
  const plan = planFor(source(30, 180, 320), twoRungs);
  const flv = await makeFlv(
    ...publisherArgs({ seconds: 3, frameRate: "30", width: 180, height: 320 }),
  );
  const { tracks } = await encode(plan, flv);
  expect(tracks.slice(0, 2).map((track) => [track.init?.width, track.init?.height])).toEqual([
    [90, 160],
    [180, 320],
  ]);
});

test.each([
  ["that starts late", "between(t,0,0.7)"],
  ["with a hole", "between(t,2,3.5)"],
])("sound %s is filled with silence", async (_, missing) => {
  const plan = planFor(source(30), twoRungs);
  const args = publisherArgs({ seconds: 6, frameRate: "30" });
  const flv = await makeFlv(...args, "-af", `aselect='not(${missing})'`);
  const { tracks } = await encode(plan, flv);
  expectVideoOnGrid(tracks[0]!, plan.grid, 6);
  expectAudioWithoutHole(tracks[2]!, 6);
});

test("pictures that start late or miss a while are filled with their neighbours", async () => {
  const plan = planFor(source(30), twoRungs);
  const args = publisherArgs({ seconds: 6, frameRate: "30" });
  const flv = await makeFlv(
    ...args,
    "-vf",
    "select='not(between(t,0,0.5)+between(t,3,4))'",
    "-vsync",
    "vfr",
  );
  const { tracks } = await encode(plan, flv);
  expectVideoOnGrid(tracks[1]!, plan.grid, 6);
  expectAudioWithoutHole(tracks[2]!, 6);
});

test("when the sound ends, the picture goes on", async () => {
  const plan = planFor(source(30), twoRungs);
  const args = publisherArgs({ seconds: 6, frameRate: "30" });
  const { tracks } = await encode(plan, await makeFlv(...args, "-af", "atrim=0:2"));
  expectVideoOnGrid(tracks[1]!, plan.grid, 6);
  expectAudioWithoutHole(tracks[2]!, 2);
});

test("a source without sound gets silence, and ends when it ends", async () => {
  const plan = planFor({ video: source(30).video! }, twoRungs);
  const args = publisherArgs({ seconds: 5, frameRate: "30" });
  const { tracks, exit } = await encode(plan, await makeFlv(...args, "-an"));
  expect(exit.expected).toBe(true);
  expectVideoOnGrid(tracks[1]!, plan.grid, 5);
  expectAudioWithoutHole(tracks[2]!, 5);
});

test("a source without a picture gets a plain one", async () => {
  const plan = planFor({ audio: sound }, twoRungs);
  const args = publisherArgs({ seconds: 5, frameRate: "30" });
  const { tracks, exit } = await encode(plan, await makeFlv(...args, "-vn"));
  expect(exit.expected).toBe(true);
  expectVideoOnGrid(tracks[1]!, plan.grid, 5);
  expectAudioWithoutHole(tracks[2]!, 5);
});
