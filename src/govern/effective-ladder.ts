/**
 * Which rungs are made of a feed: the one rule for the origin and the simulator.
 *
 * Names and rates follow from the configuration alone, so a change of publisher never makes a
 * rung's URL appear or vanish; the source only bounds the pictures' sizes. A cap drops the rungs
 * above it and, unless one equals it, adds one at exactly the cap. A cap above the whole ladder
 * changes nothing: a ceiling never raises a rate.
 */
import { assert } from "../base/assert.ts";
import { kbpsToBitsPerSec } from "../base/units.ts";
import type { LadderConfig } from "../config/schema.ts";
import { targetDurationSec, type Grid } from "../media/grid.ts";
import { avcLevel } from "./avc-level.ts";

/** One encoder target. */
export interface LadderRung {
  /** As it stands in URLs: the advertised kbps in decimal, or "audio". */
  rung: string;
  /** Advertised rate, audio and boxes included. */
  kbps: number;
  /** Picture size in pixels; 0 for the audio rung. */
  width: number;
  height: number;
  /** Target and ceiling of the video encoder; 0 for the audio rung. */
  videoBitsPerSec: number;
  /** The encoder's rate buffer (VBV); 0 for the audio rung. */
  bufferBits: number;
  /** H.264 level as x264 names it ("3.0"); empty for the audio rung. */
  avcLevel: string;
}

export interface PictureSize {
  width: number;
  height: number;
}

type ConfiguredRung = LadderConfig["rungs"][number];

export const ladderPresets: Record<LadderConfig["preset"], readonly ConfiguredRung[]> = {
  "oprah-2008": [
    { kbps: 150, width: 320, height: 180 },
    { kbps: 300, width: 480, height: 270 },
    { kbps: 450, width: 640, height: 360 },
    { kbps: 600, width: 768, height: 432 },
    { kbps: 750, width: 848, height: 480 },
  ],
  hd: [
    { kbps: 800, width: 640, height: 360 },
    { kbps: 1800, width: 960, height: 540 },
    { kbps: 3200, width: 1280, height: 720 },
    { kbps: 5500, width: 1920, height: 1080 },
  ],
};

/** Advertised rate of sound alone. */
export const audioRungKbps = 64;

/** 48 kbps AAC with its share of the fragment boxes (measured 2026-08, ffmpeg 5.1). */
export const audioShareKbps = 53;

/**
 * Length of the encoder's rate buffer: short, so that a peak stays near its target. Each epoch ends
 * with a segment of any length, and RFC 8216bis counts every run of segments from half a target
 * duration on, so that the shortest run, not the whole segment, bounds the rate (ARCHITECTURE,
 * decision 13).
 */
export const rateBufferSec = 0.25;
const shortestRunSec = targetDurationSec / 2;

/** Sizes whose proportions differ less than this are treated as equal (848x480 is not quite 16:9). */
const aspectTolerance = 0.015;

/** The rungs to make, in rising order of rate, `audio` last when configured. */
export function effectiveLadder(options: {
  ladder: LadderConfig;
  grid: Grid;
  /** Bounds the pictures' sizes; absent when there is no picture, or it is not known yet. */
  source?: PictureSize | undefined;
}): LadderRung[] {
  const { ladder, grid, source } = options;
  const chosen = ladder.rungs.length > 0 ? ladder.rungs : ladderPresets[ladder.preset];
  const rungs = capped(
    [...chosen].sort((a, b) => a.kbps - b.kbps),
    ladder.capKbps,
  ).map((rung) => videoRung(rung, { grid, source }));
  if (ladder.audioRung) rungs.push(audioRung);
  return rungs;
}

const audioRung: LadderRung = {
  rung: "audio",
  kbps: audioRungKbps,
  width: 0,
  height: 0,
  videoBitsPerSec: 0,
  bufferBits: 0,
  avcLevel: "",
};

/** Whether a rung is sound alone. */
export function isAudioRung(rung: LadderRung): boolean {
  return rung.rung === audioRung.rung;
}

/** BANDWIDTH of a rung: its name in bit/s, which bounds the peak of every segment by construction. */
export function bandwidthBitsPerSec(rung: LadderRung): number {
  return kbpsToBitsPerSec(rung.kbps);
}

/**
 * AVERAGE-BANDWIDTH before enough was measured: averages of 20 s ran 3 to 5 % over the encoder's
 * target. Never above BANDWIDTH.
 */
export function averageBandwidthBitsPerSec(rung: LadderRung): number {
  if (isAudioRung(rung)) return kbpsToBitsPerSec(audioShareKbps);
  const average = Math.round(1.05 * rung.videoBitsPerSec) + kbpsToBitsPerSec(audioShareKbps);
  return Math.min(bandwidthBitsPerSec(rung), average);
}

function capped(
  rungs: readonly ConfiguredRung[],
  capKbps: number | null,
): readonly ConfiguredRung[] {
  const top = rungs.at(-1);
  assert(top !== undefined, "a ladder has at least one rung");
  if (capKbps === null || top.kbps <= capKbps) return rungs;
  const below = rungs.filter((rung) => rung.kbps <= capKbps);
  if (below.at(-1)?.kbps === capKbps) return below;
  const above = rungs[below.length];
  assert(above !== undefined, "the top rung is above the cap");
  return [...below, { kbps: capKbps, ...sizeAt(capKbps, below.at(-1), above) }];
}

/**
 * The picture size for a rate between two rungs: width and height follow a power of the rate from
 * the one to the other. Below the lowest rung its bits per pixel are kept.
 */
function sizeAt(
  kbps: number,
  below: ConfiguredRung | undefined,
  above: ConfiguredRung,
): PictureSize {
  if (below === undefined) {
    const ratio = Math.sqrt((kbps - audioShareKbps) / (above.kbps - audioShareKbps));
    return tidySize(above.width * ratio, above.height * ratio);
  }
  const position = Math.log(kbps / below.kbps) / Math.log(above.kbps / below.kbps);
  return tidySize(
    below.width * (above.width / below.width) ** position,
    below.height * (above.height / below.height) ** position,
  );
}

/** Rounds the long side to 32, which keeps 16:9 exact, and the short one to 2. */
function tidySize(width: number, height: number): PictureSize {
  const long = Math.max(32, Math.round(Math.max(width, height) / 32) * 32);
  const short = even((long * Math.min(width, height)) / Math.max(width, height));
  return width >= height ? { width: long, height: short } : { width: short, height: long };
}

function videoRung(
  rung: ConfiguredRung,
  { grid, source }: { grid: Grid; source: PictureSize | undefined },
): LadderRung {
  const size = sizeWithin({ width: rung.width, height: rung.height }, source);
  const bufferedRatio = 1 + rateBufferSec / shortestRunSec;
  const videoBitsPerSec = Math.floor(kbpsToBitsPerSec(rung.kbps - audioShareKbps) / bufferedRatio);
  return {
    rung: String(rung.kbps),
    kbps: rung.kbps,
    ...size,
    videoBitsPerSec,
    bufferBits: Math.floor(videoBitsPerSec * rateBufferSec),
    avcLevel: avcLevel({ ...size, frameRate: grid.frameRate, kbps: rung.kbps }),
  };
}

/** The configured size turned to the source's orientation and proportions, never above the source. */
function sizeWithin(size: PictureSize, source: PictureSize | undefined): PictureSize {
  if (source === undefined) return size;
  const turn = source.height > source.width !== size.height > size.width;
  const box = turn ? { width: size.height, height: size.width } : size;
  const sourceAspect = source.width / source.height;
  if (Math.abs(sourceAspect / (box.width / box.height) - 1) < aspectTolerance) {
    const larger = box.width > source.width || box.height > source.height;
    return larger ? { width: even(source.width), height: even(source.height) } : box;
  }
  const ratio = Math.min(1, box.width / source.width, box.height / source.height);
  return { width: even(source.width * ratio), height: even(source.height * ratio) };
}

/** H.264 in 4:2:0 needs even sides; 16 is the smallest that every decoder takes. */
function even(pixels: number): number {
  return Math.max(16, Math.floor(pixels / 2 + 1e-9) * 2);
}
