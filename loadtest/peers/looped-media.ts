/**
 * Segments of a short recording, repeated without end on one timeline: each time round, the decode
 * times (tfdt) of the fragments are moved on by the length of the recording. Any player plays them,
 * at no cost of an encoder. The recording must last a whole number of frames of every track.
 */
import { findBox, readBoxes, boxType, type BoxSpan } from "../../src/media/box-reader.ts";
import type { RecordedRung } from "../../src/node/testing/recorded-ladder.ts";

/** What a scripted feed sends as media. */
export interface ScriptedMedia {
  init(kbps: number): Uint8Array;
  /** Segment `index` from the beginning of the feed. */
  segment(kbps: number, index: number): Uint8Array;
}

interface LoopedRung {
  init: Buffer;
  segments: readonly Buffer[];
  /** Ticks that one time round takes, by track. */
  loopTicks: ReadonlyMap<number, number>;
}

/** Media of the rungs named by kbps; throws when the recording cannot be joined to itself. */
export function loopedMedia(
  rungs: readonly RecordedRung[],
  segmentDurationSec: number,
): ScriptedMedia {
  const looped = new Map(
    rungs.map((one) => [one.rung, loopedRung(one, segmentDurationSec * one.segments.length)]),
  );
  const rungOf = (kbps: number): LoopedRung => {
    const rung = looped.get(String(kbps));
    if (rung === undefined) throw new Error(`no recording of ${kbps} kbps`);
    return rung;
  };
  return {
    init: (kbps) => rungOf(kbps).init,
    segment: (kbps, index) => {
      const { segments, loopTicks } = rungOf(kbps);
      const round = Math.floor(index / segments.length);
      return movedOn(segments[index % segments.length]!, round, loopTicks);
    },
  };
}

function loopedRung({ init, segments }: RecordedRung, durationSec: number): LoopedRung {
  const loopTicks = new Map<number, number>();
  for (const [track, ticksPerSec] of timescales(init)) {
    const ticks = durationSec * ticksPerSec;
    if (Math.abs(ticks - Math.round(ticks)) > 1e-6) {
      throw new Error(`${durationSec} s are no whole number of ticks of track ${track}`);
    }
    loopTicks.set(track, Math.round(ticks));
  }
  return { init, segments, loopTicks };
}

/** Ticks a second, by track. */
function timescales(init: Buffer): Map<number, number> {
  const found = new Map<number, number>();
  for (const trak of childrenOf(init, only(init, whole(init), "moov"), "trak")) {
    const header = only(init, trak, "tkhd");
    const media = only(init, trak, "mdia/mdhd");
    const track = init.readUInt32BE(header.body + (isLong(init, header) ? 20 : 12));
    found.set(track, init.readUInt32BE(media.body + (isLong(init, media) ? 20 : 12)));
  }
  return found;
}

function movedOn(segment: Buffer, round: number, loopTicks: ReadonlyMap<number, number>): Buffer {
  const copy = Buffer.from(segment);
  for (const moof of childrenOf(copy, whole(copy), "moof")) {
    for (const traf of childrenOf(copy, moof, "traf")) {
      const track = copy.readUInt32BE(only(copy, traf, "tfhd").body + 4);
      const time = only(copy, traf, "tfdt");
      const ticks = round * loopTicks.get(track)!;
      const at = time.body + 4;
      if (isLong(copy, time)) copy.writeBigUInt64BE(copy.readBigUInt64BE(at) + BigInt(ticks), at);
      else copy.writeUInt32BE(copy.readUInt32BE(at) + ticks, at);
    }
  }
  return copy;
}

/** Version 1 of a box has times of 64 bits. */
function isLong(bytes: Buffer, box: BoxSpan): boolean {
  return bytes[box.body] === 1;
}

function whole(bytes: Buffer): BoxSpan {
  return { type: 0, start: 0, body: 0, end: bytes.length };
}

function childrenOf(bytes: Buffer, within: BoxSpan, name: string): BoxSpan[] {
  const boxes = readBoxes(bytes, within.body, within.end);
  if (boxes === undefined) throw new Error("the recording is malformed");
  return boxes.filter(({ type }) => type === boxType(name));
}

function only(bytes: Buffer, within: BoxSpan, path: string): BoxSpan {
  const found = findBox(bytes, within, path);
  if (found === undefined) throw new Error(`the recording has no ${path}`);
  return found;
}
