/**
 * Writes a part: one moof (video traf 1, audio traf 2) and one mdat. Sizes are known beforehand, so
 * the bytes are allocated once and every sample is copied once.
 *
 *   moof  mfhd  traf{ tfhd tfdt trun }…   mdat  video samples, audio samples
 */
import type { Sample } from "./track.ts";
import { boxType } from "./box-reader.ts";

export const videoTrackId = 1;
export const audioTrackId = 2;

/** Consecutive samples of one track, in our timescale. */
export interface TrackRun {
  trackId: number;
  decodeTicks: number;
  /** What tfhd says; samples that differ are written one by one. */
  defaultDurationTicks: number;
  samples: readonly Sample[];
}

/** sample_depends_on 2: an IDR or an AAC frame; 1 and non-sync: any other picture. */
const syncFlags = 0x0200_0000;
const nonSyncFlags = 0x0101_0000;

const tfhdBytes = 24;
const tfdtBytes = 20;
const trunHeaderBytes = 20;

/** What a run's trun carries sample by sample. */
interface RunLayout {
  run: TrackRun;
  hasDurations: boolean;
  hasFlags: boolean;
  hasFirstFlags: boolean;
  hasCompositionOffsets: boolean;
  trunBytes: number;
  dataBytes: number;
}

/** The moof and mdat of one part. Sequence numbers must rise along a feed. */
export function writePart(sequenceNumber: number, runs: readonly TrackRun[]): Uint8Array {
  const layouts = runs.map(layOut);
  const moofBytes = layouts.reduce(
    (sum, { trunBytes }) => sum + 8 + tfhdBytes + tfdtBytes + trunBytes,
    8 + 16,
  );
  const mdatBytes = layouts.reduce((sum, { dataBytes }) => sum + dataBytes, 8);
  const bytes = new Uint8Array(moofBytes + mdatBytes);
  const fields = new FieldWriter(bytes);
  fields.boxHeader(moofBytes, "moof");
  fields.boxHeader(16, "mfhd");
  fields.u32(0);
  fields.u32(sequenceNumber);
  let dataOffset = moofBytes + 8;
  for (const layout of layouts) {
    writeTraf(fields, layout, dataOffset);
    dataOffset += layout.dataBytes;
  }
  fields.boxHeader(mdatBytes, "mdat");
  for (const { run } of layouts) for (const { data } of run.samples) fields.raw(data);
  return bytes;
}

function layOut(run: TrackRun): RunLayout {
  const { samples, defaultDurationTicks } = run;
  const defaultSync = defaultIsSync(run);
  const hasDurations = samples.some(({ durationTicks }) => durationTicks !== defaultDurationTicks);
  const hasFlags = samples.some(({ sync }, index) => index > 0 && sync !== defaultSync);
  const hasFirstFlags = !hasFlags && samples[0] !== undefined && samples[0].sync !== defaultSync;
  const hasCompositionOffsets = samples.some((sample) => sample.compositionOffsetTicks !== 0);
  const fieldCount = 1 + Number(hasDurations) + Number(hasFlags) + Number(hasCompositionOffsets);
  return {
    run,
    hasDurations,
    hasFlags,
    hasFirstFlags,
    hasCompositionOffsets,
    trunBytes: trunHeaderBytes + Number(hasFirstFlags) * 4 + samples.length * fieldCount * 4,
    dataBytes: samples.reduce((sum, { data }) => sum + data.length, 0),
  };
}

function defaultIsSync(run: TrackRun): boolean {
  return run.trackId === audioTrackId;
}

function writeTraf(fields: FieldWriter, layout: RunLayout, dataOffset: number): void {
  const { run, trunBytes } = layout;
  fields.boxHeader(8 + tfhdBytes + tfdtBytes + trunBytes, "traf");
  fields.boxHeader(tfhdBytes, "tfhd");
  // default-base-is-moof, default duration, default flags.
  fields.u32(0x02_0028);
  fields.u32(run.trackId);
  fields.u32(run.defaultDurationTicks);
  fields.u32(defaultIsSync(run) ? syncFlags : nonSyncFlags);
  fields.boxHeader(tfdtBytes, "tfdt");
  fields.u32(0x0100_0000);
  fields.u32(Math.floor(run.decodeTicks / 0x1_0000_0000));
  fields.u32(run.decodeTicks);
  writeTrun(fields, layout, dataOffset);
}

function writeTrun(fields: FieldWriter, layout: RunLayout, dataOffset: number): void {
  const { run, hasDurations, hasFlags, hasFirstFlags, hasCompositionOffsets } = layout;
  const flags =
    0x201 |
    (hasFirstFlags ? 0x4 : 0) |
    (hasDurations ? 0x100 : 0) |
    (hasFlags ? 0x400 : 0) |
    (hasCompositionOffsets ? 0x800 : 0);
  fields.boxHeader(layout.trunBytes, "trun");
  // Version 1: composition offsets are signed.
  fields.u32(0x0100_0000 | flags);
  fields.u32(run.samples.length);
  fields.u32(dataOffset);
  if (hasFirstFlags) fields.u32(flagsOf(run.samples[0]!));
  for (const sample of run.samples) {
    if (hasDurations) fields.u32(sample.durationTicks);
    fields.u32(sample.data.length);
    if (hasFlags) fields.u32(flagsOf(sample));
    if (hasCompositionOffsets) fields.u32(sample.compositionOffsetTicks);
  }
}

function flagsOf({ sync }: Sample): number {
  return sync ? syncFlags : nonSyncFlags;
}

class FieldWriter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Also of negative numbers, as two's complement; takes the low 32 bits. */
  u32(value: number): void {
    this.#view.setUint32(this.#offset, value);
    this.#offset += 4;
  }

  boxHeader(byteCount: number, name: string): void {
    this.u32(byteCount);
    this.u32(boxType(name));
  }

  raw(data: Uint8Array): void {
    this.#bytes.set(data, this.#offset);
    this.#offset += data.length;
  }
}
