import fc from "fast-check";
import { expect, test } from "vitest";
import { gridFor, samplesPerAacFrame, ticksPerFrame, videoTimescale } from "./grid.ts";
import {
  PartAssembler,
  pendingPartCountMax,
  timelineStart,
  type AssembledPart,
  type PartAssemblerOptions,
} from "./part-assembler.ts";
import { silentAacFrames } from "./silent-aac.ts";
import { sample } from "./testing/fmp4-builder.ts";
import { hexOf, readPart } from "./testing/read-part.ts";
import type { Fragment } from "./track.ts";

const grid = gridFor(30);
const timescale = 15_360;
const encoderStart = { video: 10 * timescale, audio: 10 * 48_000 };
const partMs = 534;
const silence = hexOf(silentAacFrames[2]);

/** Frames `first` to `last` of a rung; the data says which they are. */
function video(
  first: number,
  last: number,
  rungIndex = 0,
  gop = 64,
  durationTicks = 512,
): Fragment {
  return {
    timescale,
    decodeTicks: encoderStart.video + first * 512,
    samples: range(first, last).map((index) =>
      sample({
        sync: index % gop === 0,
        durationTicks,
        data: Uint8Array.of(rungIndex, index >> 8, index),
      }),
    ),
  };
}

/** AAC frames `first` to `last`; -1 is the priming. */
function audio(first: number, last: number): Fragment {
  return {
    timescale: 48_000,
    decodeTicks: encoderStart.audio + first * samplesPerAacFrame,
    samples: range(first, last).map((index) =>
      sample({
        durationTicks: samplesPerAacFrame,
        sync: true,
        data: Uint8Array.of(0xaa, (index >> 8) & 0xff, index & 0xff),
      }),
    ),
  };
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function assembler(options: Partial<PartAssemblerOptions> = {}): PartAssembler {
  return new PartAssembler({
    grid,
    rungs: ["300"],
    audio: true,
    audioRung: false,
    epochStart: timelineStart,
    ...options,
  });
}

/** AAC frames of a part by number; "-" is silence. */
function soundOf(part: AssembledPart): (number | "-")[] {
  const run = readPart(part.bytes).tracks.find(({ trackId }) => trackId === 2);
  return (run?.samples ?? []).map(({ data }) =>
    data === silence ? "-" : Number.parseInt(data.slice(2), 16),
  );
}

/** Video frames of a part by number. */
function picturesOf(part: AssembledPart): number[] {
  const run = readPart(part.bytes).tracks.find(({ trackId }) => trackId === 1);
  return run!.samples.map(({ data }) => Number.parseInt(data.slice(2), 16));
}

test("a part has 16 frames and owns the 25 AAC frames that start within it", () => {
  const epoch = assembler();
  expect(epoch.pushAudio(audio(-1, 23), 0)).toEqual([]);
  expect(epoch.pushVideo(0, video(0, 15), 0)).toEqual([]);
  const [part, ...others] = epoch.pushAudio(audio(24, 48), 0);
  expect(others).toEqual([]);
  expect(picturesOf(part!)).toEqual(range(0, 15));
  expect(soundOf(part!)).toEqual(range(0, 24));
  expect(part).toMatchObject({
    rung: "300",
    partIndex: 0,
    independent: true,
    startTicks: 192_000,
    durationTicks: 10_240,
    frameCount: 16,
  });
});

test("the encoder's clock is moved to the epoch's start, exactly and alike for both tracks", () => {
  const epochStart = { videoTicks: 2 ** 33 * 640, audioTicks: 2 ** 33 * 1_600 };
  const epoch = assembler({ epochStart });
  epoch.pushAudio(audio(-1, 49), 0);
  const parts = epoch.pushVideo(0, video(0, 31), 0);
  const runs = parts.map(({ bytes }) => readPart(bytes).tracks.map((t) => t.decodeTicks));
  expect(runs).toEqual([
    [epochStart.videoTicks, epochStart.audioTicks],
    [epochStart.videoTicks + 10_240, epochStart.audioTicks + 25_600],
  ]);
});

test("where the encoder's clock starts does not matter", () => {
  const shifted = (fragment: Fragment): Fragment => ({
    ...fragment,
    decodeTicks: fragment.decodeTicks + 3_600 * fragment.timescale,
  });
  const bytesOf = (change: (fragment: Fragment) => Fragment) => {
    const epoch = assembler();
    epoch.pushAudio(change(audio(-1, 24)), 0);
    return epoch.pushVideo(0, change(video(0, 15)), 0).map(({ bytes }) => bytes);
  };
  expect(bytesOf(shifted)).toEqual(bytesOf((fragment) => fragment));
});

test("composition offsets keep their sign", () => {
  const epoch = assembler({ audio: false });
  const fragment = video(0, 15);
  fragment.samples[3] = sample({ compositionOffsetTicks: -1_024 });
  fragment.samples[4] = sample({ compositionOffsetTicks: 1_536 });
  const [part] = epoch.pushVideo(0, fragment, 0);
  const offsets = readPart(part!.bytes).tracks[0]!.samples.map((s) => s.compositionOffsetTicks);
  expect(offsets.slice(2, 6)).toEqual([0, -1_280, 1_920, 0]);
});

test("part k leaves for all rungs at once, with the same sound", () => {
  const epoch = assembler({ rungs: ["150", "300"], audioRung: true });
  epoch.pushAudio(audio(-1, 49), 0);
  expect(epoch.pushVideo(0, video(0, 31, 0), 0)).toEqual([]);
  const parts = epoch.pushVideo(1, video(0, 15, 1), 0);
  expect(parts.map(({ rung, partIndex }) => `${rung} ${partIndex}`)).toEqual([
    "150 0",
    "300 0",
    "audio 0",
  ]);
  expect(parts.map(soundOf)).toEqual([range(0, 24), range(0, 24), range(0, 24)]);
  expect(readPart(parts[2]!.bytes).tracks.map(({ trackId }) => trackId)).toEqual([2]);
  expect(parts[2]).toMatchObject({ independent: true, durationTicks: 10_240, frameCount: 16 });
});

test("at 24 fps a part has the 31 or 32 AAC frames that start within it", () => {
  const epoch = assembler({ grid: gridFor(24) });
  const fragment = {
    timescale: 12_288,
    decodeTicks: 122_880,
    samples: range(0, 47).map((index) => sample({ durationTicks: 512, sync: index === 0 })),
  };
  epoch.pushAudio(audio(-1, 99), 0);
  const parts = epoch.pushVideo(0, fragment, 0);
  expect(parts.map(soundOf)).toEqual([range(0, 31), range(32, 62), range(63, 93)]);
});

test("a part waits for its sound until one part after its video, then has silence for it", () => {
  const epoch = assembler();
  epoch.pushAudio(audio(-1, 20), 0);
  expect(epoch.deadlineMs).toBeUndefined();
  expect(epoch.pushVideo(0, video(0, 15), 1_000)).toEqual([]);
  expect(epoch.deadlineMs).toBe(1_000 + partMs);
  expect(epoch.tick(1_000 + partMs - 1)).toEqual([]);
  const [part] = epoch.tick(1_000 + partMs);
  expect(soundOf(part!)).toEqual([...range(0, 20), ...Array<"-">(4).fill("-")]);
  expect(epoch.deadlineMs).toBeUndefined();
  expect(epoch.counts.audioFramesMissing).toBe(4);
});

test("sound that comes after its part has left is dropped, and the rest is in its place", () => {
  const epoch = assembler();
  epoch.pushAudio(audio(-1, 20), 0);
  epoch.pushVideo(0, video(0, 15), 0);
  epoch.tick(partMs);
  expect(epoch.pushAudio(audio(21, 49), partMs + 1)).toEqual([]);
  expect(epoch.counts.audioFramesLate).toBe(4);
  const [part] = epoch.pushVideo(0, video(16, 31), partMs + 1);
  expect(soundOf(part!)).toEqual(range(25, 49));
});

test("when the sound ends, parts go on one part later, each with silence", () => {
  const epoch = assembler();
  epoch.pushAudio(audio(-1, 24), 0);
  epoch.pushVideo(0, video(0, 15), 0);
  // Both parts were complete at 100: the second does not wait for the first one's deadline.
  expect(epoch.pushVideo(0, video(16, 47), 100)).toEqual([]);
  const parts = epoch.tick(100 + partMs);
  expect(parts.map(soundOf)).toEqual([Array(25).fill("-"), Array(25).fill("-")]);
});

test("a hole within the sound is silent, and what follows keeps its instant", () => {
  const epoch = assembler();
  epoch.pushAudio(audio(-1, 9), 0);
  epoch.pushAudio(audio(13, 24), 0);
  const [part] = epoch.pushVideo(0, video(0, 15), 0);
  expect(soundOf(part!)).toEqual([...range(0, 9), "-", "-", "-", ...range(13, 24)]);
});

test("a hole shorter than an AAC frame lengthens the frame before it", () => {
  const epoch = assembler();
  epoch.pushAudio(audio(-1, 9), 0);
  const rest = audio(10, 25);
  epoch.pushAudio({ ...rest, decodeTicks: rest.decodeTicks + 500 }, 0);
  const [part] = epoch.pushVideo(0, video(0, 15), 0);
  const run = readPart(part!.bytes).tracks[1]!;
  expect(run.samples.map(({ durationTicks }) => durationTicks)).toEqual(
    range(0, 24).map((index) => (index === 9 ? 1_524 : 1_024)),
  );
});

test("an AAC frame that overlaps the one before is dropped", () => {
  const epoch = assembler();
  epoch.pushAudio(audio(-1, 9), 0);
  const rest = audio(10, 25);
  epoch.pushAudio({ ...rest, decodeTicks: rest.decodeTicks - 500 }, 0);
  epoch.pushVideo(0, video(0, 15), 0);
  expect(epoch.counts.audioFramesLate).toBe(1);
});

test("without a sound track nothing is waited for", () => {
  const epoch = assembler({ audio: false });
  const [part] = epoch.pushVideo(0, video(0, 15), 0);
  expect(readPart(part!.bytes).tracks.map(({ trackId }) => trackId)).toEqual([1]);
});

test("end flushes the last short part of all rungs, as far as all have it", () => {
  const epoch = assembler({ rungs: ["150", "300"], audioRung: true });
  epoch.pushAudio(audio(-1, 60), 0);
  epoch.pushVideo(0, video(0, 25, 0), 0);
  expect(epoch.pushVideo(1, video(0, 20, 1), 0)).toHaveLength(3);
  const parts = epoch.end();
  expect(
    parts.map(({ rung, frameCount, durationTicks }) => [rung, frameCount, durationTicks]),
  ).toEqual([
    ["150", 5, 3_200],
    ["300", 5, 3_200],
    ["audio", 5, 3_200],
  ]);
  expect(parts.map(soundOf)).toEqual([range(25, 32), range(25, 32), range(25, 32)]);
  expect(epoch.counts.videoFramesDropped).toBe(5);
  expect(epoch.end()).toEqual([]);
});

test("an epoch ends where its video ends, and says how far its sound reaches", () => {
  const epoch = assembler();
  epoch.pushAudio(audio(-1, 60), 0);
  epoch.pushVideo(0, video(0, 20), 0);
  epoch.end();
  const videoTicks = timelineStart.videoTicks + 21 * 640;
  // 33 AAC frames start within 21 frames of video; the last ends 192 ticks after them.
  expect(epoch.endPoint).toEqual({
    videoTicks,
    audioTicks: timelineStart.audioTicks + 33 * samplesPerAacFrame,
  });
  const next = assembler({ epochStart: epoch.endPoint });
  next.pushAudio(audio(-1, 25), 0);
  const [part] = next.pushVideo(0, video(0, 15), 0);
  const sound = readPart(part!.bytes).tracks[1]!;
  expect(soundOf(part!)).toEqual(range(1, 24));
  expect(sound.decodeTicks).toBe((videoTicks / 2) * 5 + samplesPerAacFrame);
  expect(next.counts.audioFramesLate).toBe(0);
});

test("an epoch without any media ends where it began", () => {
  const epoch = assembler();
  epoch.pushAudio(audio(-1, 9), 0);
  expect(epoch.end()).toEqual([]);
  expect(epoch.endPoint).toEqual(timelineStart);
});

test("a GOP that does not start with an IDR is reported", () => {
  const epoch = assembler({ audio: false });
  const parts = epoch.pushVideo(0, video(0, 79, 0, 63), 0);
  expect(parts.map(({ independent }) => independent)).toEqual([true, false, false, false, false]);
  expect(epoch.counts.keyframesMissing).toBe(1);
});

test("frames that were there already are dropped", () => {
  const epoch = assembler({ audio: false });
  epoch.pushVideo(0, video(0, 9), 0);
  const [part] = epoch.pushVideo(0, video(5, 15), 0);
  expect(picturesOf(part!)).toEqual(range(0, 15));
  expect(epoch.counts.videoFramesDropped).toBe(5);
});

test.each([
  ["a hole", video(20, 31), "frames 16 to 19 are missing"],
  ["another frame rate", video(16, 31, 0, 64, 614), "off the grid"],
])("%s in a rung's video ends what the epoch can do", (_, fragment, reason) => {
  const epoch = assembler({ audio: false, rungs: ["150", "300"] });
  epoch.pushVideo(0, video(0, 15), 0);
  epoch.pushVideo(1, video(0, 15), 0);
  epoch.pushVideo(1, fragment, 0);
  expect(epoch.fault).toContain("rung 300");
  expect(epoch.fault).toContain(reason);
  expect(epoch.pushVideo(0, video(16, 31), 0)).toEqual([]);
});

test("a rung that stands still does not let the others pile up", () => {
  const epoch = assembler({ audio: false, rungs: ["150", "300"] });
  for (let index = 0; index <= pendingPartCountMax + 1; index++) {
    expect(epoch.fault).toBeUndefined();
    epoch.pushVideo(0, video(index * 16, index * 16 + 15), 0);
  }
  expect(epoch.fault).toContain("rung 150 is more than 976 frames ahead");
});

test("sound that stands still does not let the video pile up, even without a clock", () => {
  const epoch = assembler();
  const parts = range(0, pendingPartCountMax).flatMap((index) =>
    epoch.pushVideo(0, video(index * 16, index * 16 + 15), 0),
  );
  expect(parts.map(({ partIndex }) => partIndex)).toEqual([0]);
  expect(epoch.fault).toBeUndefined();
});

/** Splits frames 0 to count-1 at the given places. */
function split<T>(
  make: (first: number, last: number) => T,
  from: number,
  to: number,
  cuts: number[],
) {
  const edges = [...new Set(cuts.filter((cut) => cut > from && cut <= to))].sort((a, b) => a - b);
  const starts = [from, ...edges];
  return starts.map((start, index) => make(start, (starts[index + 1] ?? to + 1) - 1));
}

test("any fragmentation and interleaving of the tracks gives the same parts", () => {
  const frameCount = 90;
  const aacCount = 150;
  const everything = (epoch: PartAssembler, order: number[], cuts: number[][]): string[] => {
    const tracks = [
      split((a, b) => video(a, b, 0), 0, frameCount - 1, cuts[0]!),
      split((a, b) => video(a, b, 1), 0, frameCount - 1, cuts[1]!),
      split(audio, -1, aacCount, cuts[2]!),
    ];
    const parts: AssembledPart[] = [];
    const push = (track: number): void => {
      const fragment = tracks[track]!.shift();
      if (fragment === undefined) return;
      parts.push(
        ...(track === 2 ? epoch.pushAudio(fragment, 0) : epoch.pushVideo(track, fragment, 0)),
      );
    };
    for (const track of order) push(track);
    for (const track of [0, 1, 2]) while (tracks[track]!.length > 0) push(track);
    parts.push(...epoch.end());
    return parts.map(({ bytes, ...place }) => JSON.stringify({ ...place, bytes: hexOf(bytes) }));
  };
  const options = { rungs: ["150", "300"], audioRung: true };
  const expected = everything(assembler(options), [], [[], [], []]);
  expect(expected).toHaveLength(18);
  fc.assert(
    fc.property(
      fc.array(fc.nat(2), { maxLength: 60 }),
      fc.tuple(...[0, 1, 2].map(() => fc.array(fc.nat(140), { maxLength: 30 }))),
      (order, cuts) => {
        const parts = everything(assembler(options), order, cuts);
        expect(parts).toEqual(expected);
      },
    ),
    { numRuns: 60 },
  );
});

test("whatever the sound does, it never overlaps, never leaves its part and never has a hole", () => {
  const pieces = fc.array(
    fc.record({
      startTicks: fc.integer({ min: -5_000, max: 120_000 }),
      count: fc.integer({ min: 0, max: 30 }),
    }),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(pieces, fc.array(fc.nat(19), { maxLength: 4 }), (sounds, videoAt) => {
      const epoch = assembler();
      const parts: AssembledPart[] = [];
      let pushed = 0;
      sounds.forEach(({ startTicks, count }, index) => {
        const fragment = { ...audio(0, count - 1), decodeTicks: encoderStart.audio + startTicks };
        parts.push(...epoch.pushAudio(fragment, index * 200));
        if (!videoAt.includes(index)) return;
        parts.push(...epoch.pushVideo(0, video(pushed, pushed + 15), index * 200));
        pushed += 16;
      });
      parts.push(...epoch.end());
      let cursorTicks = timelineStart.audioTicks;
      for (const part of parts) {
        const run = readPart(part.bytes).tracks[1]!;
        const partStart = (part.startTicks / 2) * 5;
        const partEnd = partStart + (part.durationTicks / 2) * 5;
        expect(run.decodeTicks).toBeGreaterThanOrEqual(cursorTicks);
        expect(run.decodeTicks - cursorTicks).toBeLessThan(samplesPerAacFrame);
        cursorTicks = run.decodeTicks;
        for (const { durationTicks } of run.samples) {
          expect(cursorTicks).toBeGreaterThanOrEqual(partStart);
          expect(cursorTicks).toBeLessThan(partEnd);
          expect(durationTicks).toBeGreaterThanOrEqual(samplesPerAacFrame);
          expect(durationTicks).toBeLessThan(2 * samplesPerAacFrame);
          cursorTicks += durationTicks;
        }
        expect(cursorTicks).toBeGreaterThan(partEnd - samplesPerAacFrame);
      }
    }),
    { numRuns: 300 },
  );
});

test("a tick of the video timescale is whole in every grid", () => {
  for (const frameRate of [24, 25, 30]) {
    expect(ticksPerFrame(gridFor(frameRate)) % 2).toBe(0);
    expect(ticksPerFrame(gridFor(frameRate)) * frameRate).toBe(videoTimescale);
  }
});
