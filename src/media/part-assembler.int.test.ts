import { beforeAll, describe, expect, test } from "vitest";
import { createFile, MP4BoxBuffer } from "mp4box";
import { audioTimescale, gridFor, samplesPerAacFrame, videoTimescale } from "./grid.ts";
import { timelineStart, type TimelinePoint } from "./part-assembler.ts";
import {
  assembleEpoch,
  readTrack,
  rungFile,
  type AssembledEpoch,
} from "./testing/assemble-tracks.ts";
import {
  decodeComplaints,
  encodeTracks,
  flashAndBeep,
  movingPicture,
  probePackets,
  run,
  type EncodedTracks,
  type ProbedPacket,
} from "./testing/ffmpeg-tracks.ts";
import { readPart } from "./testing/read-part.ts";

const sizes = ["320x180", "480x270"];
const rungs = ["0", "1", "audio"];

function assemble(tracks: EncodedTracks, frameRate: number, epochStart = timelineStart) {
  return assembleEpoch(tracks, { frameRate, epochStart });
}

/** No gap and no overlap between packets of a kind, beyond the rounding of ffprobe's decimals. */
function expectContinuous(packets: ProbedPacket[], kind: ProbedPacket["kind"]): void {
  const own = packets.filter((packet) => packet.kind === kind);
  expect(own.length).toBeGreaterThan(0);
  own.slice(1).forEach((packet, index) => {
    const before = own[index]!;
    const durationSec = kind === "audio" ? samplesPerAacFrame / audioTimescale : before.durationSec;
    expect(packet.dtsSec - before.dtsSec - durationSec, `${kind} ${index}`).toBeCloseTo(0, 5);
  });
}

describe.each([
  { frameRate: 30, tuning: "zerolatency", aacFrames: [25] },
  { frameRate: 25, tuning: "zerolatency", aacFrames: [30] },
  { frameRate: 24, tuning: "zerolatency", aacFrames: [31, 32] },
  { frameRate: 30, tuning: "b-frames", aacFrames: [25] },
] as const)("at $frameRate fps, $tuning", ({ frameRate, tuning, aacFrames }) => {
  const grid = gridFor(frameRate);
  const durationSec = 7;
  let tracks: EncodedTracks;
  let epoch: AssembledEpoch;

  beforeAll(async () => {
    tracks = await encodeTracks({
      inputs: movingPicture(frameRate),
      frameRate,
      sizes,
      durationSec,
      tuning,
    });
    epoch = assemble(tracks, frameRate);
  });

  test("every part has 16 frames and the sound that starts within it", () => {
    const fullCount = Math.floor((durationSec * frameRate) / 16);
    for (const rung of rungs) {
      const parts = epoch.parts.filter((part) => part.rung === rung);
      expect(parts.map(({ partIndex }) => partIndex)).toEqual([...parts.keys()]);
      expect(parts.length).toBe(fullCount + 1);
      for (const part of parts.slice(0, -1)) {
        const { tracks: runs } = readPart(part.bytes);
        expect(aacFrames).toContain(runs.at(-1)!.samples.length);
        expect(part.frameCount).toBe(16);
        if (rung !== "audio") expect(runs[0]!.samples.length).toBe(16);
        expect(part.independent).toBe(
          rung === "audio" || part.partIndex % (grid.framesPerGop / 16) === 0,
        );
      }
      expect(parts.at(-1)!.frameCount).toBe((durationSec * frameRate) % 16);
    }
    expect(epoch.assembler.fault).toBeUndefined();
    expect(epoch.assembler.counts).toEqual({
      audioFramesLate: 0,
      audioFramesMissing: 0,
      keyframesMissing: 0,
      videoFramesDropped: 0,
    });
  });

  test.each(rungs)("init and parts of rung %s decode without a complaint", async (rung) => {
    expect(await decodeComplaints(rungFile(rung, epoch))).toBe("");
  });

  test("timestamps go on without a gap in every track, and both start at the epoch", async () => {
    for (const rung of rungs) {
      const { packets, complaints } = await probePackets(rungFile(rung, epoch));
      expect(complaints).toBe("");
      expectContinuous(packets, "audio");
      expect(packets.find(({ kind }) => kind === "audio")!.ptsSec).toBe(10);
      if (rung === "audio") continue;
      expectContinuous(packets, "video");
      const pictures = packets.filter(({ kind }) => kind === "video");
      const encoded = await probePackets(tracks.video[Number(rung)]!);
      expect(pictures.map(({ ptsSec }) => ptsSec)).toEqual(
        encoded.packets.map(({ ptsSec }) => ptsSec),
      );
      expect(pictures.length).toBe(durationSec * frameRate);
      const keyframes = pictures.flatMap(({ keyframe }, index) => (keyframe ? [index] : []));
      expect(keyframes).toEqual([0, 1, 2, 3].map((gop) => gop * grid.framesPerGop));
    }
  });

  test("mp4box reads the same boxes, tracks and samples", () => {
    for (const rung of rungs) {
      const file = createFile();
      const bytes = rungFile(rung, epoch);
      file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(Uint8Array.from(bytes).buffer, 0));
      file.flush();
      const names = file.boxes.map(({ type }) => type);
      const partCount = epoch.parts.filter((part) => part.rung === rung).length;
      expect(names).toEqual([
        "ftyp",
        "moov",
        ...Array.from({ length: partCount }, () => ["moof", "mdat"]).flat(),
      ]);
      const info = file.getInfo();
      expect(info.isFragmented).toBe(true);
      for (const track of info.tracks) {
        const own = readTrack(track.type === "audio" ? tracks.audio : tracks.video[Number(rung)]!);
        expect(track.codec.toLowerCase()).toBe(own.init.codec.toLowerCase());
        expect(track.timescale).toBe(track.type === "audio" ? audioTimescale : videoTimescale);
        const samples = file.getTrackSamplesInfo(track.id);
        const written = epoch.parts
          .filter((part) => part.rung === rung)
          .flatMap(
            (part) => readPart(part.bytes).tracks.find((t) => t.trackId === track.id)!.samples,
          );
        expect(samples.map((s) => [s.duration, s.size, s.is_sync, s.cts - s.dts])).toEqual(
          written.map((s) => [
            s.durationTicks,
            s.data.length / 2,
            s.sync,
            s.compositionOffsetTicks,
          ]),
        );
      }
    }
  });
});

/** Instants at which a level passes half of its maximum upwards, in seconds from the first value. */
function onsetsSec(levels: ArrayLike<number>, perSec: number, quietSec: number): number[] {
  const half = Array.from(levels).reduce((most, level) => Math.max(most, Math.abs(level)), 0) / 2;
  const onsets: number[] = [];
  let lastLoud = -Infinity;
  for (let index = 0; index < levels.length; index++) {
    if (Math.abs(levels[index]!) < half) continue;
    if (index - lastLoud > quietSec * perSec) onsets.push(index / perSec);
    lastLoud = index;
  }
  return onsets;
}

async function flashesSec(file: Uint8Array, frameRate: number): Promise<number[]> {
  const args = ["-v", "error", "-i", "pipe:0", "-vf", "scale=1:1:flags=area,format=gray"];
  const { stdout } = await run("ffmpeg", [...args, "-f", "rawvideo", "-"], file);
  return onsetsSec(stdout, frameRate, 0.5);
}

async function beepsSec(file: Uint8Array): Promise<number[]> {
  const args = ["-v", "error", "-i", "pipe:0", "-vn", "-ac", "1", "-f", "s16le", "-"];
  const { stdout } = await run("ffmpeg", args, file);
  const levels = new Int16Array(stdout.buffer, stdout.byteOffset, stdout.length >> 1);
  return onsetsSec(levels, audioTimescale, 0.5);
}

describe("with a flash and a beep at every full second", () => {
  test.each([30, 25, 24])("both are decoded at the same instants at %d fps", async (frameRate) => {
    const tracks = await encodeTracks({
      inputs: flashAndBeep(frameRate),
      frameRate,
      sizes: ["320x180"],
      durationSec: 6,
    });
    const file = rungFile("0", assemble(tracks, frameRate));
    expect(await flashesSec(file, frameRate)).toEqual([0, 1, 2, 3, 4, 5]);
    const beeps = await beepsSec(file);
    expect(beeps.length).toBe(6);
    beeps.forEach((beepSec, second) => {
      // The first beep starts within the first frame, whose overlap with the priming is gone.
      expect(Math.abs(beepSec - second), `beep ${second}`).toBeLessThan(
        second === 0 ? 0.03 : 0.003,
      );
    });
  });
});

describe("two epochs, the first ending in the middle of a part", () => {
  const frameRate = 30;
  let first: AssembledEpoch;
  let second: AssembledEpoch;

  beforeAll(async () => {
    const encode = (durationSec: number) =>
      encodeTracks({ inputs: movingPicture(frameRate), frameRate, sizes, durationSec });
    const [a, b] = [await encode(3.1), await encode(2.5)];
    first = assemble(a, frameRate);
    second = assemble(b, frameRate, first.endPoint);
  });

  test("the second starts where the first ended", () => {
    const end = first.parts.at(-1)!;
    expect(first.endPoint.videoTicks).toBe(end.startTicks + end.durationTicks);
    expect(first.endPoint.videoTicks).toBe(timelineStart.videoTicks + 93 * 640);
    expect(second.parts[0]!.startTicks).toBe(first.endPoint.videoTicks);
    expect(second.inits["0"]).toEqual(first.inits["0"]);
  });

  test.each(rungs)("they decode as one file of rung %s without a complaint", async (rung) => {
    const file = rungFile(rung, first, second);
    expect(await decodeComplaints(file)).toBe("");
    const { packets, complaints } = await probePackets(file);
    expect(complaints).toBe("");
    if (rung !== "audio") expectContinuous(packets, "video");
    const sound = packets.filter(({ kind }) => kind === "audio");
    const frameSec = samplesPerAacFrame / audioTimescale;
    sound.slice(1).forEach((packet, index) => {
      const gapSec = packet.ptsSec - sound[index]!.ptsSec - frameSec;
      expect(gapSec).toBeGreaterThan(-0.000_01);
      expect(gapSec).toBeLessThan(frameSec);
    });
  });

  test("sequence numbers rise over both", () => {
    const numbers = [first, second].flatMap(({ parts }) =>
      parts.filter(({ rung }) => rung === "0").map(({ bytes }) => readPart(bytes).sequenceNumber),
    );
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });
});

test("a hole in the sound is silent, and the sound after it is in its place", async () => {
  const frameRate = 30;
  const whole = await encodeTracks({
    inputs: flashAndBeep(frameRate),
    frameRate,
    sizes: ["320x180"],
    durationSec: 6,
    audioFragmentUs: 21_000,
  });
  const start: TimelinePoint = timelineStart;
  const epoch = assembleEpoch(whole, {
    frameRate,
    epochStart: start,
    dropAudio: (decodeTicks) => {
      const sec = decodeTicks / audioTimescale - 10;
      return sec > 1.5 && sec < 3.7;
    },
  });
  const file = rungFile("0", epoch);
  expect(await decodeComplaints(file)).toBe("");
  const { packets } = await probePackets(file);
  expectContinuous(packets, "audio");
  const beeps = await beepsSec(file);
  expect(beeps.map((sec) => Math.round(sec))).toEqual([0, 1, 4, 5]);
  beeps.slice(1).forEach((sec) => expect(Math.abs(sec - Math.round(sec))).toBeLessThan(0.003));
  expect(epoch.assembler.counts.audioFramesMissing).toBeGreaterThan(100);
});
