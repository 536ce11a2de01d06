/** Reads a part that we wrote back into its tracks, for tests. */
import { boxType, findBox, readBoxes, type BoxSpan } from "../box-reader.ts";
import { ByteCursor } from "../byte-cursor.ts";

export interface PartTrack {
  trackId: number;
  decodeTicks: number;
  samples: { durationTicks: number; compositionOffsetTicks: number; sync: boolean; data: string }[];
}

/** Sample data as text of its bytes in hexadecimal. */
export function readPart(bytes: Uint8Array): { sequenceNumber: number; tracks: PartTrack[] } {
  const boxes = readBoxes(bytes, 0, bytes.length)!;
  const [moof, mdat] = boxes as [BoxSpan, BoxSpan];
  if (boxes.length !== 2 || moof.type !== boxType("moof") || mdat.type !== boxType("mdat")) {
    throw new Error("a part is a moof and an mdat");
  }
  const mfhd = findBox(bytes, moof, "mfhd")!;
  const trafs = readBoxes(bytes, moof.body, moof.end)!.filter((b) => b.type === boxType("traf"));
  let expectedOffset = mdat.body;
  const tracks = trafs.map((traf) => {
    const { track, dataStart, dataEnd } = readTraf(bytes, traf);
    if (dataStart !== expectedOffset) throw new Error("a run does not start where the last ended");
    expectedOffset = dataEnd;
    return track;
  });
  if (expectedOffset !== mdat.end) throw new Error("the mdat holds more than its samples");
  return { sequenceNumber: new ByteCursor(bytes, mfhd.body + 4).u32(), tracks };
}

function readTraf(bytes: Uint8Array, traf: BoxSpan) {
  const header = new ByteCursor(bytes, findBox(bytes, traf, "tfhd")!.body);
  if (header.u32() !== 0x2_0028) throw new Error("unexpected tfhd flags");
  const trackId = header.u32();
  const defaultDurationTicks = header.u32();
  const defaultFlags = header.u32();
  const decodeTicks = new ByteCursor(bytes, findBox(bytes, traf, "tfdt")!.body + 4).u64();
  const run = new ByteCursor(bytes, findBox(bytes, traf, "trun")!.body);
  const flags = run.u32() & 0xff_ffff;
  const sampleCount = run.u32();
  const dataStart = run.i32();
  const firstFlags = (flags & 4) !== 0 ? run.u32() : defaultFlags;
  let dataEnd = dataStart;
  const samples = Array.from({ length: sampleCount }, (_, index) => {
    const durationTicks = (flags & 0x100) !== 0 ? run.u32() : defaultDurationTicks;
    const byteCount = run.u32();
    const ownFlags = (flags & 0x400) !== 0 ? run.u32() : index === 0 ? firstFlags : defaultFlags;
    const compositionOffsetTicks = (flags & 0x800) !== 0 ? run.i32() : 0;
    const data = hexOf(bytes.subarray(dataEnd, dataEnd + byteCount));
    dataEnd += byteCount;
    return { durationTicks, compositionOffsetTicks, sync: (ownFlags & 0x1_0000) === 0, data };
  });
  if (run.failed) throw new Error("a trun is too short");
  return { track: { trackId, decodeTicks, samples }, dataStart, dataEnd };
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
