/**
 * Reads what an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1) says of the picture: its
 * size from the sequence parameter set (ITU-T H.264, 7.3.2.1.1 and E.1.1), cropping applied, and the
 * frame rate if the set has one. Malformed input is `undefined`.
 */
import { BitReader } from "./bit-reader.ts";
import { ByteCursor } from "./byte-cursor.ts";

export interface AvcPicture {
  width: number;
  height: number;
  /** As the VUI claims, which may be wrong. */
  frameRate?: number;
}

/** Largest side of a picture that we take: 8K, portrait or landscape. */
const pictureSidePixelsMax = 8_192;

export function readAvcConfig(record: Uint8Array): AvcPicture | undefined {
  const cursor = new ByteCursor(record);
  if (cursor.u8() !== 1) return undefined;
  cursor.skip(4);
  const setCount = cursor.u8() & 0x1f;
  const set = cursor.view(cursor.u16());
  // The NAL unit's header: type 7 is a sequence parameter set.
  if (cursor.failed || setCount === 0 || set.length < 4 || (set[0]! & 0x1f) !== 7) return undefined;
  return readSequenceParameterSet(withoutEmulationPrevention(set.subarray(1)));
}

/** Profiles whose parameter sets carry the chroma format (7.3.2.1.1). */
const profilesWithChromaFormat = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

function readSequenceParameterSet(bytes: Uint8Array): AvcPicture | undefined {
  const bits = new BitReader(bytes);
  const profile = bits.bits(8);
  bits.bits(16);
  bits.unsignedGolomb();
  const chroma = profilesWithChromaFormat.includes(profile)
    ? readChromaFormat(bits)
    : { format: 1, separatePlanes: false };
  bits.unsignedGolomb();
  skipPictureOrder(bits);
  bits.unsignedGolomb();
  bits.bits(1);
  const widthInMacroblocks = bits.unsignedGolomb() + 1;
  const heightInMapUnits = bits.unsignedGolomb() + 1;
  const framesOnly = bits.flag();
  if (!framesOnly) bits.bits(1);
  bits.bits(1);
  const crop = bits.flag() ? readCrop(bits) : { left: 0, right: 0, top: 0, bottom: 0 };
  const hasVui = bits.flag();
  if (bits.failed) return undefined;
  const sampled = !chroma.separatePlanes && chroma.format !== 0;
  const cropX = sampled && chroma.format !== 3 ? 2 : 1;
  const cropY = (sampled && chroma.format === 1 ? 2 : 1) * (framesOnly ? 1 : 2);
  const width = widthInMacroblocks * 16 - cropX * (crop.left + crop.right);
  const height = heightInMapUnits * 16 * (framesOnly ? 1 : 2) - cropY * (crop.top + crop.bottom);
  if (!isPictureSide(width) || !isPictureSide(height)) return undefined;
  const frameRate = hasVui ? readVuiFrameRate(bits) : undefined;
  return { width, height, ...(frameRate === undefined ? {} : { frameRate }) };
}

function isPictureSide(pixels: number): boolean {
  return pixels >= 2 && pixels <= pictureSidePixelsMax;
}

function readChromaFormat(bits: BitReader): { format: number; separatePlanes: boolean } {
  const format = bits.unsignedGolomb();
  const separatePlanes = format === 3 && bits.flag();
  bits.unsignedGolomb();
  bits.unsignedGolomb();
  bits.bits(1);
  if (bits.flag()) {
    const listCount = format === 3 ? 12 : 8;
    for (let i = 0; i < listCount; i++) if (bits.flag()) skipScalingList(bits, i < 6 ? 16 : 64);
  }
  return { format, separatePlanes };
}

function skipScalingList(bits: BitReader, entryCount: number): void {
  let next = 8;
  let last = 8;
  for (let i = 0; i < entryCount && !bits.failed; i++) {
    if (next !== 0) next = (last + bits.signedGolomb() + 256) % 256;
    if (next !== 0) last = next;
  }
}

function skipPictureOrder(bits: BitReader): void {
  const kind = bits.unsignedGolomb();
  if (kind === 0) bits.unsignedGolomb();
  if (kind !== 1) return;
  bits.bits(1);
  bits.signedGolomb();
  bits.signedGolomb();
  const cycleLength = bits.unsignedGolomb();
  for (let i = 0; i < cycleLength && !bits.failed; i++) bits.signedGolomb();
}

function readCrop(bits: BitReader): { left: number; right: number; top: number; bottom: number } {
  const left = bits.unsignedGolomb();
  const right = bits.unsignedGolomb();
  const top = bits.unsignedGolomb();
  const bottom = bits.unsignedGolomb();
  return { left, right, top, bottom };
}

function readVuiFrameRate(bits: BitReader): number | undefined {
  const extendedSar = 255;
  if (bits.flag() && bits.bits(8) === extendedSar) bits.bits(32);
  if (bits.flag()) bits.bits(1);
  if (bits.flag()) {
    bits.bits(4);
    if (bits.flag()) bits.bits(24);
  }
  if (bits.flag()) {
    bits.unsignedGolomb();
    bits.unsignedGolomb();
  }
  if (!bits.flag()) return undefined;
  const unitsInTick = bits.bits(32);
  const timeScale = bits.bits(32);
  if (bits.failed || unitsInTick === 0 || timeScale === 0) return undefined;
  // A tick is a field: two make a frame.
  return timeScale / (2 * unitsInTick);
}

/** Removes the 3 of each 00 00 03 (7.4.1). */
function withoutEmulationPrevention(bytes: Uint8Array): Uint8Array {
  const kept = new Uint8Array(bytes.length);
  let keptCount = 0;
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    kept[keptCount++] = byte;
  }
  return kept.subarray(0, keptCount);
}
