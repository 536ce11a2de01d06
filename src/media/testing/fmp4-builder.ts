/** Single-track fMP4 streams with chosen oddities, for tests of the reader and the assembler. */
import { ascii, box, concatBytes, fullBox, u16, u32, u8 } from "../box-writer.ts";
import type { Fragment, Sample } from "../track.ts";

const plain = { version: 0, flags: 0 };

/** avcC of a 320x180 Constrained Baseline picture, by x264. */
export const avcRecord = bytesOfHex(
  "0142c00cffe100196742c00cd901419f9f011000000300100000030320f142a48001000568cb83cb20",
);
/** AudioSpecificConfig of 48 kHz stereo AAC-LC. */
export const aacConfig = Uint8Array.of(0x11, 0x90);

export function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function avcSampleEntry({ width = 320, height = 180 } = {}): Uint8Array {
  return box(
    "avc1",
    u32(0),
    u16(0, 1, 0, 0),
    u32(0, 0, 0),
    u16(width, height),
    u32(0x48_0000, 0x48_0000, 0),
    u16(1),
    new Uint8Array(32),
    u16(0x18, 0xffff),
    box("avcC", avcRecord),
  );
}

export function aacSampleEntry({ config = aacConfig, objectType = 0x40 } = {}): Uint8Array {
  const specific = concatBytes([u8(0x05, config.length), config]);
  const decoder = concatBytes([u8(0x04, 13 + specific.length, objectType), new Uint8Array(12)]);
  const descriptor = concatBytes([decoder, specific, u8(0x06, 1, 2)]);
  return box(
    "mp4a",
    u32(0),
    u16(0, 1),
    u32(0, 0),
    u16(2, 16, 0, 0),
    u32(48_000 * 0x1_0000),
    fullBox("esds", plain, u8(0x03, 3 + descriptor.length), u16(1), u8(0), descriptor),
  );
}

export interface MoovOptions {
  trackId?: number;
  timescale?: number;
  sampleEntry?: Uint8Array;
  trex?: { durationTicks: number; byteCount: number; flags: number };
  trackCount?: number;
}

export function moov(options: MoovOptions = {}): Uint8Array {
  const {
    trackId = 1,
    timescale = 15_360,
    sampleEntry = avcSampleEntry(),
    trackCount = 1,
  } = options;
  const { durationTicks, byteCount, flags } = options.trex ?? {
    durationTicks: 0,
    byteCount: 0,
    flags: 0,
  };
  const stsd = fullBox("stsd", plain, u32(1), sampleEntry);
  const track = box(
    "trak",
    fullBox("tkhd", plain, u32(0, 0, trackId, 0, 0), new Uint8Array(60)),
    box(
      "mdia",
      fullBox("mdhd", plain, u32(0, 0, timescale, 0), u32(0)),
      box("minf", box("stbl", stsd)),
    ),
  );
  const trex = fullBox("trex", plain, u32(trackId, 1, durationTicks, byteCount, flags));
  return box("moov", ...Array<Uint8Array>(trackCount).fill(track), box("mvex", trex));
}

/** A moof whose traf has the given boxes, and an mdat; offsets are up to the caller. */
export function moofOf(...trafBoxes: Uint8Array[]): Uint8Array {
  return box("moof", fullBox("mfhd", plain, u32(1)), box("traf", ...trafBoxes));
}

/** tfhd with default-base-is-moof and whatever fields its flags announce. */
export function tfhd(flags = 0, ...fields: Uint8Array[]): Uint8Array {
  return fullBox("tfhd", { version: 0, flags: 0x2_0000 | flags }, u32(1), ...fields);
}

/** A whole fragment, every field explicit in the trun. */
export function fragmentBytes({ decodeTicks, samples }: Fragment): Uint8Array {
  const trun = (dataOffset: number): Uint8Array =>
    fullBox(
      "trun",
      { version: 1, flags: 0xf01 },
      u32(samples.length, dataOffset),
      ...samples.map(({ durationTicks, data, sync, compositionOffsetTicks }) =>
        u32(durationTicks, data.length, sync ? 0x200_0000 : 0x101_0000, compositionOffsetTicks),
      ),
    );
  const tfdt = fullBox("tfdt", { version: 1, flags: 0 }, u32(0, decodeTicks));
  const moofBytes = moofOf(tfhd(), tfdt, trun(0)).length;
  const mdat = box("mdat", ...samples.map(({ data }) => data));
  return concatBytes([moofOf(tfhd(), tfdt, trun(moofBytes + 8)), mdat]);
}

export const ftyp = box("ftyp", ascii("iso6"), u32(0));

export function sample(options: Partial<Sample> = {}): Sample {
  return {
    durationTicks: 512,
    compositionOffsetTicks: 0,
    sync: false,
    data: Uint8Array.of(1, 2, 3),
    ...options,
  };
}
