/** Reads the one track that a `moov` describes, with the defaults its fragments refer to. */
import { boxType, findBox, readBoxes, type BoxSpan } from "./box-reader.ts";
import { ByteCursor } from "./byte-cursor.ts";
import { aacCodec, audioConfigOfEsds, avcCodec } from "./codecs.ts";
import type { TrackInit } from "./track.ts";

/** What tfhd may leave out (trex). */
export interface SampleDefaults {
  durationTicks: number;
  byteCount: number;
  flags: number;
}

export interface TrackDescription {
  init: TrackInit;
  trackId: number;
  defaults: SampleDefaults;
}

/** Bytes of a VisualSampleEntry and an AudioSampleEntry before their child boxes. */
const visualEntryBytes = 78;
const audioEntryBytes = 28;

/** Takes the body of a `moov`; a string says what is wrong with it. */
export function readMoov(bytes: Uint8Array): TrackDescription | string {
  const moov: BoxSpan = { type: boxType("moov"), start: 0, body: 0, end: bytes.length };
  const boxes = readBoxes(bytes, 0, bytes.length);
  if (boxes === undefined) return "the moov box is malformed";
  const tracks = boxes.filter((box) => box.type === boxType("trak"));
  if (tracks.length !== 1) return `the moov box has ${tracks.length} tracks instead of one`;
  const track = tracks[0]!;
  const trackId = readTrackId(bytes, track);
  const timescale = readTimescale(bytes, track);
  const entry = readSampleEntry(bytes, track);
  if (typeof entry === "string") return entry;
  if (trackId === undefined) return "the tkhd box is missing or malformed";
  if (timescale === undefined) return "the mdhd box is missing or malformed";
  return {
    init: { ...entry, timescale },
    trackId,
    defaults: readTrex(bytes, moov) ?? { durationTicks: 0, byteCount: 0, flags: 0 },
  };
}

function readTrackId(bytes: Uint8Array, track: BoxSpan): number | undefined {
  const box = findBox(bytes, track, "tkhd");
  if (box === undefined) return undefined;
  const cursor = new ByteCursor(bytes, box.body, box.end);
  const version = cursor.u8();
  cursor.skip(3 + (version === 1 ? 16 : 8));
  const trackId = cursor.u32();
  return cursor.failed || trackId === 0 ? undefined : trackId;
}

function readTimescale(bytes: Uint8Array, track: BoxSpan): number | undefined {
  const box = findBox(bytes, track, "mdia/mdhd");
  if (box === undefined) return undefined;
  const cursor = new ByteCursor(bytes, box.body, box.end);
  const version = cursor.u8();
  cursor.skip(3 + (version === 1 ? 16 : 8));
  const timescale = cursor.u32();
  return cursor.failed || timescale === 0 ? undefined : timescale;
}

function readTrex(bytes: Uint8Array, moov: BoxSpan): SampleDefaults | undefined {
  const box = findBox(bytes, moov, "mvex/trex");
  if (box === undefined) return undefined;
  const cursor = new ByteCursor(bytes, box.body, box.end);
  cursor.skip(12);
  const defaults = { durationTicks: cursor.u32(), byteCount: cursor.u32(), flags: cursor.u32() };
  return cursor.failed ? undefined : defaults;
}

function readSampleEntry(bytes: Uint8Array, track: BoxSpan): Omit<TrackInit, "timescale"> | string {
  const stsd = findBox(bytes, track, "mdia/minf/stbl/stsd");
  const entries = stsd === undefined ? undefined : readBoxes(bytes, stsd.body + 8, stsd.end);
  if (entries?.length !== 1) return "the stsd box does not hold exactly one sample entry";
  const entry = entries[0]!;
  // Copied, because it outlives the chunk that carried it.
  const sampleEntry = bytes.slice(entry.start, entry.end);
  if (entry.type === boxType("avc1")) return readVisualEntry(bytes, entry, sampleEntry);
  if (entry.type === boxType("mp4a")) return readAudioEntry(bytes, entry, sampleEntry);
  return "the sample entry is neither avc1 nor mp4a";
}

function readVisualEntry(
  bytes: Uint8Array,
  entry: BoxSpan,
  sampleEntry: Uint8Array,
): Omit<TrackInit, "timescale"> | string {
  const cursor = new ByteCursor(bytes, entry.body, entry.end);
  cursor.skip(24);
  const width = cursor.u16();
  const height = cursor.u16();
  const avcC = findBox(bytes, { ...entry, body: entry.body + visualEntryBytes }, "avcC");
  const codec = avcC === undefined ? undefined : avcCodec(bytes.subarray(avcC.body, avcC.end));
  if (cursor.failed || codec === undefined) return "the avc1 sample entry is malformed";
  return { kind: "video", codec, sampleEntry, width, height };
}

function readAudioEntry(
  bytes: Uint8Array,
  entry: BoxSpan,
  sampleEntry: Uint8Array,
): Omit<TrackInit, "timescale"> | string {
  const cursor = new ByteCursor(bytes, entry.body, entry.end);
  cursor.skip(16);
  const channelCount = cursor.u16();
  cursor.skip(6);
  const sampleRateHz = Math.floor(cursor.u32() / 0x1_0000);
  const esds = findBox(bytes, { ...entry, body: entry.body + audioEntryBytes }, "esds");
  const config =
    esds === undefined ? undefined : audioConfigOfEsds(bytes.subarray(esds.body, esds.end));
  const codec = config === undefined ? undefined : aacCodec(config);
  if (cursor.failed || codec === undefined) return "the mp4a sample entry is malformed";
  return { kind: "audio", codec, sampleEntry, sampleRateHz, channelCount };
}
