/**
 * Walks the FLV stream on its way to the encoder: counts the pictures that come in and puts in the
 * tags of a track that the source lacks. Bytes pass unchanged and uncopied, save for the header's
 * flags. It trusts its input, which our own writer made; a broken structure is a bug.
 */
import { assert } from "../../src/base/assert.ts";
import { writeFlvHeader } from "../../src/rtmp/flv.ts";
import type { MissingTrack } from "./missing-track.ts";

const fileHeaderBytes = 13;
const tagHeaderBytes = 11;
const trailerBytes = 4;
/** Enough of a tag to know its kind, time and whether it holds a picture. */
const tagStartBytes = tagHeaderBytes + 2;
const audioType = 8;
const videoType = 9;

export class FlvInput {
  readonly #missing: MissingTrack | undefined;
  #headerSeen = false;
  /** Start of a tag (or of the file) that is not complete enough to be read. */
  #held: Uint8Array = new Uint8Array();
  /** Bytes of the present tag still to pass. */
  #passBytes = 0;
  #pictureCount = 0;
  #mediaMs = 0;

  constructor(missing?: MissingTrack) {
    this.#missing = missing;
  }

  /** Pictures seen so far. */
  get pictureCount(): number {
    return this.#pictureCount;
  }

  /** The latest time of all tags seen so far. */
  get mediaMs(): number {
    return this.#mediaMs;
  }

  /** Takes the next bytes; returns what the encoder is to be given for them. */
  push(bytes: Uint8Array): Uint8Array[] {
    const out: Uint8Array[] = [];
    let rest = this.#held.length === 0 ? bytes : joined(this.#held, bytes);
    this.#held = new Uint8Array();
    while (rest.length > 0) {
      if (this.#passBytes === 0) {
        const neededBytes = this.#headerSeen ? tagStartBytes : fileHeaderBytes;
        if (rest.length < neededBytes) {
          this.#held = new Uint8Array(rest);
          return out;
        }
        if (this.#headerSeen) this.#startTag(rest, out);
        else {
          this.#headerSeen = true;
          assert(rest[0] === 0x46 && rest[1] === 0x4c, "the encoder's input is FLV");
          out.push(this.#missing ? completeHeader : rest.subarray(0, fileHeaderBytes));
          rest = rest.subarray(fileHeaderBytes);
          continue;
        }
      }
      const passed = rest.subarray(0, this.#passBytes);
      this.#passBytes -= passed.length;
      out.push(passed);
      rest = rest.subarray(passed.length);
    }
    return out;
  }

  #startTag(tag: Uint8Array, out: Uint8Array[]): void {
    const view = new DataView(tag.buffer, tag.byteOffset, tagStartBytes);
    const type = view.getUint8(0);
    const payloadBytes = view.getUint32(0) & 0xff_ffff;
    const timestampMs = (view.getUint8(7) << 24) | (view.getUint32(4) >>> 8);
    this.#mediaMs = Math.max(this.#mediaMs, timestampMs);
    this.#passBytes = tagHeaderBytes + payloadBytes + trailerBytes;
    if (type === videoType && view.getUint8(tagHeaderBytes + 1) === 1) this.#pictureCount += 1;
    if (this.#missing !== undefined && (type === audioType || type === videoType)) {
      out.push(...this.#missing.tagsUntil(timestampMs));
    }
  }
}

const completeHeader = writeFlvHeader({ audio: true, video: true });

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
