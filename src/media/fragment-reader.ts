/**
 * Reads one single-track fMP4 byte stream (ISO/IEC 14496-12), in chunks of any size, into its
 * track description and fragments of samples. Memory is bounded; a malformed stream ends in one
 * `fault` event and is ignored from there on. Samples are views of the chunks where a chunk holds
 * the whole mdat, so chunks must not be overwritten by their owner.
 */
import { boxType, boxTypeName } from "./box-reader.ts";
import { concatBytes } from "./box-writer.ts";
import { ByteCursor } from "./byte-cursor.ts";
import { readMoof, type FragmentPlan } from "./moof-reader.ts";
import { readMoov, type TrackDescription } from "./moov-reader.ts";
import type { Fragment, Sample, TrackInit } from "./track.ts";

export type FragmentEvent =
  | { kind: "init"; init: TrackInit }
  | { kind: "fragment"; fragment: Fragment }
  | { kind: "fault"; reason: string };

const moov = boxType("moov");
const moof = boxType("moof");
const mdat = boxType("mdat");

/** Largest boxes that are kept: 20 times what the encoder's largest rung makes in a second. */
const boxBytesMax: ReadonlyMap<number, number> = new Map([
  [moov, 65_536],
  [moof, 131_072],
  [mdat, 16_777_216],
]);

/** sample_is_non_sync_sample of ISO/IEC 14496-12, 8.8.3.1. */
const nonSyncFlag = 0x1_0000;

interface OpenBox {
  type: number;
  startStreamOffset: number;
  headerBytes: number;
  bodyBytes: number;
}

export class FragmentReader {
  readonly #header = new Uint8Array(16);
  #headerBytes = 0;
  #box: OpenBox | undefined;
  /** Body of the open box so far, when it is kept; joined only when it is complete. */
  #pieces: Uint8Array[] = [];
  #bodyBytes = 0;
  #streamOffset = 0;
  #track: TrackDescription | undefined;
  #moof: { plan: FragmentPlan; startStreamOffset: number } | undefined;
  #nextDecodeTicks = 0;
  #faulted = false;

  /** Takes the next bytes of the stream and returns what they complete, in order. */
  push(bytes: Uint8Array): FragmentEvent[] {
    const events: FragmentEvent[] = [];
    let offset = 0;
    while (offset < bytes.length && !this.#faulted) {
      const rest = offset === 0 ? bytes : bytes.subarray(offset);
      const used = this.#box === undefined ? this.#readHeader(rest, events) : this.#readBody(rest);
      offset += used;
      this.#streamOffset += used;
      if (this.#box !== undefined && this.#bodyBytes === this.#box.bodyBytes) this.#endBox(events);
    }
    return events;
  }

  #readHeader(bytes: Uint8Array, events: FragmentEvent[]): number {
    const before = this.#headerBytes;
    const copyHeader = (byteCount: number): boolean => {
      const missing = byteCount - this.#headerBytes;
      const from = this.#headerBytes - before;
      const piece = bytes.subarray(from, from + missing);
      this.#header.set(piece, this.#headerBytes);
      this.#headerBytes += piece.length;
      return this.#headerBytes === byteCount;
    };
    if (this.#headerBytes < 8 && !copyHeader(8)) return bytes.length;
    const cursor = new ByteCursor(this.#header);
    let byteCount = cursor.u32();
    const type = cursor.u32();
    if (byteCount === 1) {
      if (!copyHeader(16)) return bytes.length;
      byteCount = cursor.u64();
    }
    const used = this.#headerBytes - before;
    const headerBytes = this.#headerBytes;
    const bodyBytes = byteCount - headerBytes;
    this.#headerBytes = 0;
    if (bodyBytes < 0 || bodyBytes > (boxBytesMax.get(type) ?? Number.MAX_SAFE_INTEGER)) {
      this.#fail(`a ${boxTypeName(type)} box claims ${byteCount} bytes`, events);
      return used;
    }
    const startStreamOffset = this.#streamOffset + used - headerBytes;
    this.#box = { type, startStreamOffset, headerBytes, bodyBytes };
    this.#bodyBytes = 0;
    return used;
  }

  #readBody(bytes: Uint8Array): number {
    const box = this.#box!;
    const used = Math.min(box.bodyBytes - this.#bodyBytes, bytes.length);
    if (boxBytesMax.has(box.type)) this.#pieces.push(bytes.subarray(0, used));
    this.#bodyBytes += used;
    return used;
  }

  #endBox(events: FragmentEvent[]): void {
    const box = this.#box!;
    const body = this.#pieces.length === 1 ? this.#pieces[0]! : concatBytes(this.#pieces);
    this.#box = undefined;
    this.#pieces = [];
    if (box.type === moov) this.#endMoov(body, events);
    else if (box.type === moof) this.#endMoof(body, box, events);
    else if (box.type === mdat) this.#endMdat(body, box, events);
  }

  #endMoov(body: Uint8Array, events: FragmentEvent[]): void {
    const track = readMoov(body);
    if (typeof track === "string") return this.#fail(track, events);
    this.#track = track;
    events.push({ kind: "init", init: track.init });
  }

  #endMoof(body: Uint8Array, box: OpenBox, events: FragmentEvent[]): void {
    if (this.#track === undefined) return this.#fail("a moof box comes before any moov", events);
    const { trackId, defaults } = this.#track;
    // Offsets in the plan count from the box's start, of which `body` lacks the header.
    const plan = readMoof(body, { trackId, defaults, moofStreamOffset: box.startStreamOffset });
    if (typeof plan === "string") return this.#fail(plan, events);
    this.#moof = { plan, startStreamOffset: box.startStreamOffset };
  }

  #endMdat(body: Uint8Array, box: OpenBox, events: FragmentEvent[]): void {
    const pending = this.#moof;
    this.#moof = undefined;
    if (pending === undefined || this.#track === undefined) {
      return this.#fail("an mdat box comes without a moof", events);
    }
    const { plan } = pending;
    const bodyOffset = box.startStreamOffset + box.headerBytes - pending.startStreamOffset;
    const samples = placeSamples(plan, body, bodyOffset);
    if (samples === undefined) return this.#fail("samples lie outside their mdat box", events);
    const decodeTicks = plan.decodeTicks ?? this.#nextDecodeTicks;
    this.#nextDecodeTicks = decodeTicks;
    for (const sample of samples) this.#nextDecodeTicks += sample.durationTicks;
    const { timescale } = this.#track.init;
    events.push({ kind: "fragment", fragment: { decodeTicks, timescale, samples } });
  }

  #fail(reason: string, events: FragmentEvent[]): void {
    this.#faulted = true;
    this.#pieces = [];
    events.push({ kind: "fault", reason });
  }
}

/** Cuts the mdat into samples, or undefined when one is not inside it. */
function placeSamples(
  plan: FragmentPlan,
  body: Uint8Array,
  bodyOffset: number,
): Sample[] | undefined {
  const samples: Sample[] = [];
  let next = 0;
  for (const place of plan.samples) {
    const start = place.offset === undefined ? next : place.offset - bodyOffset;
    next = start + place.byteCount;
    if (start < 0 || next > body.length) return undefined;
    samples.push({
      durationTicks: place.durationTicks,
      compositionOffsetTicks: place.compositionOffsetTicks,
      sync: (place.flags & nonSyncFlag) === 0,
      data: body.subarray(start, next),
    });
  }
  return samples;
}
