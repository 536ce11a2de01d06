/**
 * Cuts a whole single-track fMP4 file into its init segment and fragments (moof and mdat), and
 * moves a fragment to another time by rewriting two numbers in it. Reads nothing else.
 */
import { boxType, findBox } from "../../src/media/box-reader.ts";

export interface RawFragment {
  /** moof and mdat; a view. */
  bytes: Uint8Array;
  /** Decode time of the first sample, in the track's timescale. */
  decodeTicks: number;
  /** Where in `bytes` the 64-bit baseMediaDecodeTime is. */
  decodeTicksOffset: number;
  /** Where in `bytes` the 32-bit sequence number is. */
  sequenceOffset: number;
}

export interface RawTrack {
  init: Uint8Array;
  fragments: RawFragment[];
}

const moof = boxType("moof");
const mdat = boxType("mdat");

/** The track's pieces, or in words what is wrong with it; an incomplete end is left out. */
export function readRawTrack(bytes: Uint8Array): RawTrack | string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fragments: RawFragment[] = [];
  let initEnd = 0;
  let moofStart: number | undefined;
  for (let offset = 0; offset + 8 <= bytes.length;) {
    const byteCount = view.getUint32(offset);
    const type = view.getUint32(offset + 4);
    if (byteCount < 8) return `a box of ${byteCount} bytes at ${offset}`;
    const end = offset + byteCount;
    if (end > bytes.length) break;
    if (type === moof) {
      if (initEnd === 0) initEnd = offset;
      moofStart = offset;
    } else if (type === mdat) {
      if (moofStart === undefined) return `an mdat without a moof at ${offset}`;
      const fragment = readFragment(bytes.subarray(moofStart, end), offset - moofStart);
      if (fragment === undefined) return `a moof without 64-bit decode time at ${moofStart}`;
      fragments.push(fragment);
      moofStart = undefined;
    }
    offset = end;
  }
  if (initEnd === 0) return "no fragments";
  return { init: bytes.subarray(0, initEnd), fragments };
}

/** A copy of the fragment at another time, with another sequence number. */
export function movedFragment(
  fragment: RawFragment,
  { decodeTicks, sequence }: { decodeTicks: number; sequence: number },
): Uint8Array {
  // Not slice(), which for a Buffer is no copy.
  const bytes = new Uint8Array(fragment.bytes);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(fragment.decodeTicksOffset, BigInt(decodeTicks));
  view.setUint32(fragment.sequenceOffset, sequence);
  return bytes;
}

function readFragment(bytes: Uint8Array, moofBytes: number): RawFragment | undefined {
  const box = { type: moof, start: 0, body: 8, end: moofBytes };
  const header = findBox(bytes, box, "mfhd");
  const time = findBox(bytes, box, "traf/tfdt");
  if (header === undefined || header.end - header.body !== 8) return undefined;
  // Full box of version 1: four bytes of version and flags, then 64 bits.
  if (time === undefined || time.end - time.body !== 12 || bytes[time.body] !== 1) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    bytes,
    decodeTicks: Number(view.getBigUint64(time.body + 4)),
    decodeTicksOffset: time.body + 4,
    sequenceOffset: header.body + 4,
  };
}
