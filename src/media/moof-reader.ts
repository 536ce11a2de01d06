/**
 * Reads a `moof` of a single-track stream: what its samples are and where their bytes lie. The
 * defaults of tfhd and trex are honoured, as are both versions of tfdt and trun.
 */
import { boxType, readBoxes, type BoxSpan } from "./box-reader.ts";
import { ByteCursor } from "./byte-cursor.ts";
import type { SampleDefaults } from "./moov-reader.ts";

/** A sample before its bytes are known to be there. */
interface SamplePlace {
  /** From the start of the moof; undefined: after the sample before, or first in the mdat. */
  offset: number | undefined;
  byteCount: number;
  durationTicks: number;
  flags: number;
  compositionOffsetTicks: number;
}

export interface FragmentPlan {
  /** Undefined when there is no tfdt: right after the fragment before. */
  decodeTicks: number | undefined;
  samples: SamplePlace[];
}

/** Samples of one fragment; the encoder's have 16 or 25. */
const fragmentSampleCountMax = 4_096;

interface TrackFragment {
  trackId: number;
  /** Base of data offsets, from the start of the moof. */
  base: number;
  defaults: SampleDefaults;
}

/** Takes a whole moof's body and its place in the stream; a string says what is wrong with it. */
export function readMoof(
  bytes: Uint8Array,
  context: { trackId: number; defaults: SampleDefaults; moofStreamOffset: number },
): FragmentPlan | string {
  const trafs = readBoxes(bytes, 0, bytes.length)?.filter((box) => box.type === boxType("traf"));
  if (trafs?.length !== 1) return "a moof box does not hold exactly one traf";
  const boxes = readBoxes(bytes, trafs[0]!.body, trafs[0]!.end);
  const tfhd = boxes?.find((box) => box.type === boxType("tfhd"));
  if (boxes === undefined || tfhd === undefined) return "a traf box is malformed";
  const fragment = readTfhd(bytes, tfhd, context);
  if (fragment === undefined) return "a tfhd box is malformed";
  if (fragment.trackId !== context.trackId) return `a fragment is of track ${fragment.trackId}`;
  const plan: FragmentPlan = { decodeTicks: undefined, samples: [] };
  for (const box of boxes) {
    if (box.type === boxType("tfdt")) {
      plan.decodeTicks = readTfdt(bytes, box);
      if (plan.decodeTicks === undefined) return "a tfdt box is malformed";
    } else if (box.type === boxType("trun") && !readTrun(bytes, box, fragment, plan.samples)) {
      return "a trun box is malformed";
    }
  }
  return plan;
}

function readTfhd(
  bytes: Uint8Array,
  box: BoxSpan,
  context: { defaults: SampleDefaults; moofStreamOffset: number },
): TrackFragment | undefined {
  const cursor = new ByteCursor(bytes, box.body, box.end);
  const flags = cursor.u32() & 0xff_ffff;
  const trackId = cursor.u32();
  const base = (flags & 0x1) !== 0 ? cursor.u64() - context.moofStreamOffset : 0;
  if ((flags & 0x2) !== 0) cursor.skip(4);
  const { durationTicks, byteCount, flags: sampleFlags } = context.defaults;
  const defaults = {
    durationTicks: (flags & 0x8) !== 0 ? cursor.u32() : durationTicks,
    byteCount: (flags & 0x10) !== 0 ? cursor.u32() : byteCount,
    flags: (flags & 0x20) !== 0 ? cursor.u32() : sampleFlags,
  };
  return cursor.failed ? undefined : { trackId, base, defaults };
}

function readTfdt(bytes: Uint8Array, box: BoxSpan): number | undefined {
  const cursor = new ByteCursor(bytes, box.body, box.end);
  const version = cursor.u8();
  cursor.skip(3);
  const decodeTicks = version === 0 ? cursor.u32() : cursor.u64();
  return cursor.failed ? undefined : decodeTicks;
}

function readTrun(
  bytes: Uint8Array,
  box: BoxSpan,
  fragment: TrackFragment,
  samples: SamplePlace[],
): boolean {
  const cursor = new ByteCursor(bytes, box.body, box.end);
  const version = cursor.u8();
  const flags = cursor.u24();
  const sampleCount = cursor.u32();
  if (samples.length + sampleCount > fragmentSampleCountMax) return false;
  let offset = (flags & 0x1) !== 0 ? fragment.base + cursor.i32() : undefined;
  const firstFlags = (flags & 0x4) !== 0 ? cursor.u32() : undefined;
  const { defaults } = fragment;
  for (let i = 0; i < sampleCount && !cursor.failed; i++) {
    const durationTicks = (flags & 0x100) !== 0 ? cursor.u32() : defaults.durationTicks;
    const byteCount = (flags & 0x200) !== 0 ? cursor.u32() : defaults.byteCount;
    const ownFlags = (flags & 0x400) !== 0 ? cursor.u32() : defaults.flags;
    const sampleFlags = i === 0 && firstFlags !== undefined ? firstFlags : ownFlags;
    const compositionOffsetTicks = readCompositionOffset(cursor, flags, version);
    samples.push({ offset, byteCount, durationTicks, flags: sampleFlags, compositionOffsetTicks });
    offset = undefined;
  }
  return !cursor.failed;
}

function readCompositionOffset(cursor: ByteCursor, flags: number, version: number): number {
  if ((flags & 0x800) === 0) return 0;
  return version === 0 ? cursor.u32() : cursor.i32();
}
