/**
 * The folder of a replay: what the encoder made of a source, kept so that it can be looped for ever.
 *
 *   manifest.json   what is below, as JSON
 *   150.mp4 …       one single-track fragmented MP4 a video rung, and audio.mp4, as the encoder
 *                   wrote them, cut to the loop
 *
 * A loop is a whole number of GOPs and of AAC frames. Video starts at 10 s of its timeline, the
 * sound one AAC frame before; every video fragment is one part of the grid, every sound fragment one
 * AAC frame. Whatever does not hold makes the folder unusable, with words that say what and where.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../src/base/errors.ts";
import { isAudioRung, type LadderRung } from "../../src/govern/effective-ladder.ts";
import {
  audioTimescale,
  gridFor,
  samplesPerAacFrame,
  ticksPerFrame,
  videoTimescale,
  type Grid,
} from "../../src/media/grid.ts";
import type { SourceDescription } from "../../src/media/source-description.ts";
import { readRawTrack, type RawFragment, type RawTrack } from "./raw-track.ts";
import { timelineOffsetSec } from "./transcode-plan.ts";

export const replayFormat = "fullhouse-replay";
/** Rises with every change of the folder's meaning. */
export const replayVersion = 1;
export const replayManifestName = "manifest.json";

export interface ReplayManifest {
  format: typeof replayFormat;
  version: typeof replayVersion;
  /** Of the grid, which follows from it: 24, 25 or 30. */
  frameRate: number;
  /** Length of the loop. */
  gopCount: number;
  source: SourceDescription;
  /** The video rungs in rising order of rate. */
  rungs: LadderRung[];
  /** One file a video rung, in the same order, then the sound's. */
  tracks: { file: string; byteCount: number; sha256: string }[];
}

/** A replay that was read and found good. */
export interface ReplayRecording {
  grid: Grid;
  source: SourceDescription;
  /** Video rungs, as TranscodePlan has them. */
  rungs: LadderRung[];
  gopCount: number;
  /** The rungs' tracks in order, then the sound. */
  tracks: RawTrack[];
}

/** Longest file that is kept in memory: ten minutes of 6 Mbps. */
const trackBytesMax = 450_000_000;

/**
 * Reads and checks a replay's folder. Rungs above the cap are left out; a cap between two rungs
 * cannot be met exactly, because nothing is encoded. Throws REPLAY_UNUSABLE.
 */
export async function openReplay({
  dir,
  capKbps,
}: {
  dir: string;
  capKbps: number | null;
}): Promise<ReplayRecording> {
  const manifest = await readManifest(dir);
  const grid = gridFor(manifest.frameRate);
  const tracks: RawTrack[] = [];
  const rungs = manifest.rungs.filter((rung) => capKbps === null || rung.kbps <= capKbps);
  if (rungs.length === 0) {
    throw unusable(dir, `no rung is at or below ladder.capKbps ${capKbps}: record one that is`);
  }
  const sound = manifest.tracks.at(-1)!;
  const wanted = [...rungs.map((_, index) => manifest.tracks[index]!), sound];
  for (const track of wanted) {
    const bytes = await readTrack(dir, track);
    const raw = readRawTrack(bytes);
    if (typeof raw === "string") throw unusable(dir, `${track.file} is damaged: ${raw}`);
    const clock = track === sound ? soundClock() : pictureClock(grid);
    const problem = problemOnGrid(raw.fragments, clock, loopSec(grid, manifest.gopCount));
    if (problem !== undefined) throw unusable(dir, `${track.file} ${problem}`);
    tracks.push(raw);
  }
  return { grid, source: manifest.source, rungs, gopCount: manifest.gopCount, tracks };
}

export function unusable(dir: string, what: string, cause?: unknown): AppError {
  const advice = "record it anew with fullhouse record";
  return new AppError(
    "REPLAY_UNUSABLE",
    `the replay ${dir} cannot be used: ${what} (${advice})`,
    cause,
  );
}

export function loopSec(grid: Grid, gopCount: number): number {
  return (gopCount * grid.framesPerGop) / grid.frameRate;
}

/** Fewest GOPs that are a whole number of AAC frames: 1, but 4 at 24 fps. */
export function gopsPerLoopUnit(grid: Grid): number {
  return grid.frameRate === 24 ? 4 : 1;
}

/** When a track's fragments are: the first one's time, and ticks from each to the next. */
export interface FragmentClock {
  ticksPerSec: number;
  startTicks: number;
  fragmentTicks: number;
}

export function pictureClock(grid: Grid): FragmentClock {
  return {
    ticksPerSec: videoTimescale,
    startTicks: timelineOffsetSec * videoTimescale,
    fragmentTicks: grid.framesPerPart * ticksPerFrame(grid),
  };
}

export function soundClock(): FragmentClock {
  return {
    ticksPerSec: audioTimescale,
    startTicks: timelineOffsetSec * audioTimescale - samplesPerAacFrame,
    fragmentTicks: samplesPerAacFrame,
  };
}

/** How many fragments a track has in the loop. */
export function fragmentCount(clock: FragmentClock, seconds: number): number {
  return Math.round((seconds * clock.ticksPerSec) / clock.fragmentTicks);
}

/** In words what is wrong with the times of a track's fragments; undefined when all is well. */
export function problemOnGrid(
  fragments: readonly RawFragment[],
  clock: FragmentClock,
  seconds: number,
): string | undefined {
  const expectedCount = fragmentCount(clock, seconds);
  if (fragments.length !== expectedCount) {
    return `has ${fragments.length} fragments instead of ${expectedCount}`;
  }
  const wrong = fragments.findIndex(
    ({ decodeTicks }, index) => decodeTicks !== clock.startTicks + index * clock.fragmentTicks,
  );
  if (wrong < 0) return undefined;
  return `is off the grid at fragment ${wrong} (time ${fragments[wrong]!.decodeTicks})`;
}

async function readManifest(dir: string): Promise<ReplayManifest> {
  const path = join(dir, replayManifestName);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw unusable(dir, missing ? "there is no manifest.json in it" : String(error), error);
  }
  const problem = manifestProblem(value);
  if (problem !== undefined) throw unusable(dir, `manifest.json: ${problem}`);
  return value as ReplayManifest;
}

/** In words what is wrong with a manifest; undefined when it is one of ours. */
export function manifestProblem(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return "is not an object";
  const manifest = value as Partial<ReplayManifest>;
  if (manifest.format !== replayFormat) return `format is not ${replayFormat}`;
  if (manifest.version !== replayVersion) {
    return `version ${String(manifest.version)} is not ${replayVersion}, which this program reads`;
  }
  const { frameRate, gopCount, rungs, tracks, source } = manifest;
  if (typeof frameRate !== "number" || gridFor(frameRate).frameRate !== frameRate) {
    return "frameRate is not 24, 25 or 30";
  }
  const unit = gopsPerLoopUnit(gridFor(frameRate));
  if (!isCount(gopCount) || gopCount % unit !== 0) return `gopCount is not a multiple of ${unit}`;
  if (typeof source !== "object") return "source is missing";
  return listProblem(rungs, tracks);
}

function listProblem(rungs: unknown, tracks: unknown): string | undefined {
  if (!Array.isArray(rungs) || rungs.length === 0 || !rungs.every(isVideoRung)) {
    return "rungs is not a list of video rungs";
  }
  if (rungs.some((rung, index) => index > 0 && rung.kbps <= rungs[index - 1]!.kbps)) {
    return "rungs do not rise in rate";
  }
  if (!Array.isArray(tracks) || tracks.length !== rungs.length + 1 || !tracks.every(isTrack)) {
    return "tracks is not one file a rung and one for the sound";
  }
  return undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isVideoRung(value: unknown): value is LadderRung {
  if (typeof value !== "object" || value === null) return false;
  const rung = value as LadderRung;
  const counts = [rung.kbps, rung.width, rung.height, rung.videoBitsPerSec, rung.bufferBits];
  return counts.every(isCount) && rung.rung === String(rung.kbps) && !isAudioRung(rung);
}

function isTrack(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const track = value as ReplayManifest["tracks"][number];
  return (
    typeof track.file === "string" &&
    /^[a-z0-9]{1,16}\.mp4$/.test(track.file) &&
    isCount(track.byteCount) &&
    track.byteCount <= trackBytesMax &&
    typeof track.sha256 === "string"
  );
}

async function readTrack(
  dir: string,
  track: ReplayManifest["tracks"][number],
): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(join(dir, track.file));
  } catch (error) {
    throw unusable(dir, `${track.file} cannot be read: ${String(error)}`, error);
  }
  if (bytes.length !== track.byteCount) {
    throw unusable(dir, `${track.file} has ${bytes.length} bytes instead of ${track.byteCount}`);
  }
  if (createHash("sha256").update(bytes).digest("hex") !== track.sha256) {
    throw unusable(dir, `${track.file} does not have the recorded SHA-256`);
  }
  return bytes;
}
