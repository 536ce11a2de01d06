/**
 * Bytes of a chunk stream in, whole messages out (Adobe RTMP 1.0, section 5.3). Obeys Set Chunk Size
 * and Abort itself; everything else is the caller's. Memory follows the bytes that came, never the
 * lengths that were announced, and ends at the limits. A fault is final: the stream cannot be
 * understood after it.
 */
import { assert } from "../base/assert.ts";
import {
  extendedTimestampMark,
  initialChunkSizeBytes,
  messageTypes,
  readUint32,
  type RtmpMessage,
} from "./message.ts";

export interface ChunkReaderLimits {
  /** Longest message that is accepted. */
  messageBytesMax: number;
  /** All unfinished messages together. */
  partialBytesMax: number;
  chunkStreamCountMax: number;
}

export interface ChunkFault {
  /** "limit": well formed, but more than we allow. */
  kind: "protocol" | "limit";
  reason: string;
}

/** Chunk sizes as SRS accepts them: below is CPU amplification, above is memory (arbitrary). */
export const chunkSizeBytesMin = 128;
export const chunkSizeBytesMax = 65_536;

/** A message must cost its sender this many bytes on average, above a first allowance. */
const bytesPerMessageMin = 8;
const messageAllowance = 4_096;
/** A partial message's buffer begins no longer than this and doubles. */
const firstBufferBytes = 65_536;

interface ChunkStream {
  timestampMs: number;
  /** What a next message of format 3 adds; after format 0 its timestamp (section 5.3.1.2.4). */
  deltaMs: number;
  lengthBytes: number;
  typeId: number;
  messageStreamId: number;
  /** The extended field that a chunk of format 3 may repeat; undefined if there was none. */
  extended: number | undefined;
  /** Bytes so far of the message under way; undefined between messages. */
  partial: Uint8Array | undefined;
  filledBytes: number;
}

type Step = "basic" | "header" | "extended" | "repeatedExtended" | "payload";

const headerBytesByFormat = [11, 7, 3, 0] as const;
const noBytes = new Uint8Array(0);

export class ChunkReader {
  #limits: ChunkReaderLimits;
  readonly #streams = new Map<number, ChunkStream>();
  #chunkSizeBytes = initialChunkSizeBytes;
  #fault: ChunkFault | undefined;
  #input: Uint8Array = noBytes;
  #at = 0;
  #step: Step = "basic";
  /** Header bytes of one step, gathered across pushes; longest is a message header. */
  readonly #scratch = new Uint8Array(11);
  #scratchLength = 0;
  #format = 0;
  #chunkStreamId = 0;
  #stream: ChunkStream | undefined;
  #chunkBytesLeft = 0;
  #partialBytes = 0;
  /** Bytes of inputs before the present one. */
  #earlierBytes = 0;
  #messageCount = 0;

  constructor(limits: ChunkReaderLimits) {
    this.#limits = limits;
  }

  get fault(): ChunkFault | undefined {
    return this.#fault;
  }

  /** Bytes held for unfinished messages. */
  get partialBytes(): number {
    return this.#partialBytes;
  }

  /** From the next message header on. */
  setLimits(limits: ChunkReaderLimits): void {
    this.#limits = limits;
  }

  /** Gives the next bytes, which must not change until `next` has returned undefined. */
  push(bytes: Uint8Array): void {
    assert(this.#at === this.#input.length, "the chunk reader still has input");
    this.#input = bytes;
    this.#at = 0;
  }

  /** The next whole message; undefined when more bytes are needed or there is a fault. */
  next(): RtmpMessage | undefined {
    while (this.#fault === undefined) {
      if (this.#step === "payload") {
        const message = this.#readPayload();
        if (message === "more") break;
        if (message === undefined || this.#obeys(message)) continue;
        return message;
      }
      if (!this.#readHeaderStep()) break;
    }
    if (this.#fault !== undefined || this.#at === this.#input.length) this.#dropInput();
    return undefined;
  }

  #dropInput(): void {
    this.#earlierBytes += this.#at;
    this.#input = noBytes;
    this.#at = 0;
  }

  #fail(kind: ChunkFault["kind"], reason: string): false {
    this.#fault = { kind, reason };
    this.#streams.clear();
    this.#stream = undefined;
    this.#partialBytes = 0;
    return false;
  }

  /** Gathers `count` bytes; false when the input ends first. */
  #gather(count: number): boolean {
    while (this.#scratchLength < count) {
      if (this.#at === this.#input.length) return false;
      this.#scratch[this.#scratchLength++] = this.#input[this.#at++]!;
    }
    return true;
  }

  #enter(step: Step): true {
    this.#step = step;
    this.#scratchLength = 0;
    return true;
  }

  /** One step towards the payload; false when bytes are missing or the stream is broken. */
  #readHeaderStep(): boolean {
    switch (this.#step) {
      case "basic":
        return this.#readBasic();
      case "header":
        return this.#readHeader();
      case "extended":
        return this.#readExtended();
      case "repeatedExtended":
        return this.#readRepeatedExtended();
      case "payload":
        return true;
    }
  }

  /** Section 5.3.1.1: 1, 2 or 3 bytes. */
  #readBasic(): boolean {
    if (!this.#gather(1)) return false;
    const first = this.#scratch[0]!;
    const shortId = first & 0x3f;
    if (shortId < 2 && !this.#gather(shortId + 2)) return false;
    this.#format = first >> 6;
    this.#chunkStreamId = shortId;
    if (shortId === 0) this.#chunkStreamId = 64 + this.#scratch[1]!;
    if (shortId === 1) this.#chunkStreamId = 64 + this.#scratch[1]! + this.#scratch[2]! * 256;
    return this.#selectStream();
  }

  #selectStream(): boolean {
    let stream = this.#streams.get(this.#chunkStreamId);
    if (stream === undefined) {
      // Old librtmp opens chunk stream 2 with format 1, so only 2 and 3 need a header before them.
      if (this.#format >= 2) {
        return this.#fail(
          "protocol",
          `chunk stream ${this.#chunkStreamId} begins without a header`,
        );
      }
      if (this.#streams.size >= this.#limits.chunkStreamCountMax) {
        return this.#fail("limit", `more than ${this.#limits.chunkStreamCountMax} chunk streams`);
      }
      stream = newStream();
      this.#streams.set(this.#chunkStreamId, stream);
    }
    if (stream.partial !== undefined && this.#format !== 3) {
      return this.#fail("protocol", "a message header inside an unfinished message");
    }
    this.#stream = stream;
    if (this.#format !== 3) return this.#enter("header");
    if (stream.extended !== undefined) return this.#enter("repeatedExtended");
    return this.#beginPayload();
  }

  /** Section 5.3.1.2: 11, 7 or 3 bytes. */
  #readHeader(): boolean {
    if (!this.#gather(headerBytesByFormat[this.#format]!)) return false;
    const stream = this.#stream!;
    const header = this.#scratch;
    stream.deltaMs = (header[0]! << 16) | (header[1]! << 8) | header[2]!;
    if (this.#format <= 1) {
      stream.lengthBytes = (header[3]! << 16) | (header[4]! << 8) | header[5]!;
      stream.typeId = header[6]!;
    }
    if (this.#format === 0) {
      // The one little-endian field of the protocol.
      stream.messageStreamId =
        (header[7]! | (header[8]! << 8) | (header[9]! << 16) | (header[10]! << 24)) >>> 0;
      stream.timestampMs = 0;
    }
    stream.extended = undefined;
    if (stream.deltaMs === extendedTimestampMark) return this.#enter("extended");
    return this.#beginPayload();
  }

  #readExtended(): boolean {
    if (!this.#gather(4)) return false;
    const stream = this.#stream!;
    stream.deltaMs = readUint32(this.#scratch, 0);
    stream.extended = stream.deltaMs;
    return this.#beginPayload();
  }

  /**
   * Encoders disagree whether a chunk of format 3 repeats the extended timestamp (section 5.3.1.3:
   * it does; old librtmp: it does not). It is taken as repeated as long as the bytes are the same;
   * at the first other byte, what was gathered is payload.
   */
  #readRepeatedExtended(): boolean {
    const stream = this.#stream!;
    const expected = stream.extended!;
    while (this.#scratchLength < 4) {
      if (this.#at === this.#input.length) return false;
      const byte = this.#input[this.#at]!;
      if (byte !== ((expected >>> (24 - 8 * this.#scratchLength)) & 0xff)) {
        return this.#takeBackGathered();
      }
      this.#scratch[this.#scratchLength++] = byte;
      this.#at++;
    }
    return this.#beginPayload();
  }

  /** Puts the gathered bytes back in front of the input: they were payload after all. */
  #takeBackGathered(): boolean {
    const count = this.#scratchLength;
    if (count > this.#at) {
      const rest = this.#input.subarray(this.#at);
      const joined = new Uint8Array(count + rest.length);
      joined.set(this.#scratch.subarray(0, count));
      joined.set(rest, count);
      this.#input = joined;
      this.#earlierBytes += this.#at - count;
      this.#at = 0;
    } else {
      this.#at -= count;
    }
    return this.#beginPayload();
  }

  #beginPayload(): boolean {
    const stream = this.#stream!;
    if (stream.partial === undefined && !this.#beginMessage(stream)) return false;
    this.#chunkBytesLeft = Math.min(this.#chunkSizeBytes, stream.lengthBytes - stream.filledBytes);
    return this.#enter("payload");
  }

  #beginMessage(stream: ChunkStream): boolean {
    const { messageBytesMax, partialBytesMax } = this.#limits;
    if (stream.lengthBytes > messageBytesMax) {
      return this.#fail(
        "limit",
        `a message of ${stream.lengthBytes} bytes, where ${messageBytesMax} are allowed`,
      );
    }
    this.#messageCount++;
    const earnedCount = (this.#earlierBytes + this.#at) / bytesPerMessageMin;
    if (this.#messageCount > earnedCount + messageAllowance) {
      return this.#fail("limit", "a flood of nearly empty messages");
    }
    const bufferBytes = Math.min(stream.lengthBytes, firstBufferBytes);
    if (this.#partialBytes + bufferBytes > partialBytesMax) {
      return this.#fail("limit", `more than ${partialBytesMax} bytes of unfinished messages`);
    }
    stream.timestampMs = (stream.timestampMs + stream.deltaMs) >>> 0;
    stream.partial = bufferBytes === 0 ? noBytes : new Uint8Array(bufferBytes);
    stream.filledBytes = 0;
    this.#partialBytes += bufferBytes;
    return true;
  }

  /** Copies what there is; a message when it is whole, undefined when only its chunk is. */
  #readPayload(): RtmpMessage | "more" | undefined {
    const stream = this.#stream!;
    const count = Math.min(this.#chunkBytesLeft, this.#input.length - this.#at);
    if (count > 0) {
      if (!this.#makeRoom(stream, stream.filledBytes + count)) return "more";
      stream.partial!.set(this.#input.subarray(this.#at, this.#at + count), stream.filledBytes);
      this.#at += count;
      stream.filledBytes += count;
      this.#chunkBytesLeft -= count;
    }
    if (this.#chunkBytesLeft > 0) return "more";
    this.#enter("basic");
    if (stream.filledBytes < stream.lengthBytes) return undefined;
    const payload = stream.partial!;
    this.#discardPartial(stream);
    return {
      chunkStreamId: this.#chunkStreamId,
      timestampMs: stream.timestampMs,
      typeId: stream.typeId,
      messageStreamId: stream.messageStreamId,
      payload,
    };
  }

  #makeRoom(stream: ChunkStream, neededBytes: number): boolean {
    const partial = stream.partial!;
    if (neededBytes <= partial.length) return true;
    const grownBytes = Math.min(stream.lengthBytes, Math.max(neededBytes, partial.length * 2));
    const { partialBytesMax } = this.#limits;
    if (this.#partialBytes - partial.length + grownBytes > partialBytesMax) {
      return this.#fail("limit", `more than ${partialBytesMax} bytes of unfinished messages`);
    }
    const grown = new Uint8Array(grownBytes);
    grown.set(partial.subarray(0, stream.filledBytes));
    this.#partialBytes += grownBytes - partial.length;
    stream.partial = grown;
    return true;
  }

  #discardPartial(stream: ChunkStream): void {
    this.#partialBytes -= stream.partial?.length ?? 0;
    stream.partial = undefined;
    stream.filledBytes = 0;
  }

  /** Whether the message was for this layer (sections 5.4.1 and 5.4.2). */
  #obeys({ typeId, payload }: RtmpMessage): boolean {
    if (typeId !== messageTypes.setChunkSize && typeId !== messageTypes.abort) return false;
    if (payload.length < 4) {
      this.#fail("protocol", `a control message of type ${typeId} with ${payload.length} bytes`);
      return true;
    }
    const value = readUint32(payload, 0);
    if (typeId === messageTypes.abort) {
      const stream = this.#streams.get(value);
      if (stream !== undefined) this.#discardPartial(stream);
    } else if (value < chunkSizeBytesMin || value > chunkSizeBytesMax) {
      const range = `${chunkSizeBytesMin} to ${chunkSizeBytesMax}`;
      this.#fail("protocol", `a chunk size of ${value} bytes, where ${range} are allowed`);
    } else {
      this.#chunkSizeBytes = value;
    }
    return true;
  }
}

function newStream(): ChunkStream {
  return {
    timestampMs: 0,
    deltaMs: 0,
    lengthBytes: 0,
    typeId: 0,
    messageStreamId: 0,
    extended: undefined,
    partial: undefined,
    filledBytes: 0,
  };
}
