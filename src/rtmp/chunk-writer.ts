/**
 * Messages in, bytes of a chunk stream out (Adobe RTMP 1.0, section 5.3). Picks the shortest header
 * that the stream's previous message allows; a message's chunks can be had one by one, so that they
 * may be interleaved.
 */
import {
  extendedTimestampMark,
  initialChunkSizeBytes,
  messageTypes,
  readUint32,
  type RtmpMessage,
} from "./message.ts";

export type ChunkFormat = 0 | 1 | 2 | 3;

export interface ChunkWriterOptions {
  /** Whether chunks of format 3 repeat the extended timestamp, as section 5.3.1.3 wants. */
  repeatExtended: boolean;
  /** The shortest header that may be used: 0 always writes whole headers. */
  formatMax: ChunkFormat;
}

interface MessageHeader {
  format: number;
  header: number[];
  /** The extended timestamp field; empty if the timestamp fits in 24 bits. */
  extended: number[];
}

interface Previous {
  timestampMs: number;
  deltaMs: number;
  lengthBytes: number;
  typeId: number;
  messageStreamId: number;
}

export class ChunkWriter {
  readonly #options: ChunkWriterOptions;
  readonly #previous = new Map<number, Previous>();
  #chunkSizeBytes = initialChunkSizeBytes;

  constructor(options: Partial<ChunkWriterOptions> = {}) {
    this.#options = { repeatExtended: true, formatMax: 3, ...options };
  }

  /** The message's bytes; after a Set Chunk Size message its new size holds. */
  write(message: RtmpMessage): Uint8Array {
    const chunks = this.chunks(message);
    const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  /** The message's chunks, in order; chunks of other chunk streams may stand between them. */
  chunks(message: RtmpMessage): Uint8Array[] {
    const { payload, chunkStreamId } = message;
    const { header, extended, format } = this.#messageHeader(message);
    const repeated = this.#options.repeatExtended ? extended : [];
    const first = [...header, ...(format === 3 ? repeated : extended)];
    const further = [...basicHeader(3, chunkStreamId), ...repeated];
    const chunks: Uint8Array[] = [];
    let at = 0;
    do {
      const head = at === 0 ? first : further;
      const body = payload.subarray(at, at + this.#chunkSizeBytes);
      const chunk = new Uint8Array(head.length + body.length);
      chunk.set(head);
      chunk.set(body, head.length);
      chunks.push(chunk);
      at += body.length;
    } while (at < payload.length);
    if (message.typeId === messageTypes.setChunkSize) {
      this.#chunkSizeBytes = readUint32(payload, 0);
    }
    return chunks;
  }

  #messageHeader(message: RtmpMessage): MessageHeader {
    const previous = this.#previous.get(message.chunkStreamId);
    const format = Math.min(chooseFormat(message, previous), this.#options.formatMax);
    const base = format === 0 ? 0 : previous!.timestampMs;
    const deltaMs = (message.timestampMs - base) >>> 0;
    const lengthBytes = message.payload.length;
    const { typeId, messageStreamId, timestampMs } = message;
    this.#previous.set(message.chunkStreamId, {
      timestampMs,
      deltaMs,
      lengthBytes,
      typeId,
      messageStreamId,
    });
    const isExtended = deltaMs >= extendedTimestampMark;
    const header = basicHeader(format, message.chunkStreamId);
    if (format <= 2) header.push(...uint24(isExtended ? extendedTimestampMark : deltaMs));
    if (format <= 1) header.push(...uint24(lengthBytes), typeId);
    if (format === 0) header.push(...littleEndian32(messageStreamId));
    return {
      header,
      extended: isExtended ? [...uint24(deltaMs >>> 8), deltaMs & 0xff] : [],
      format,
    };
  }
}

function chooseFormat(message: RtmpMessage, previous: Previous | undefined): ChunkFormat {
  if (previous?.messageStreamId !== message.messageStreamId) return 0;
  // A difference of more than 2^31 is a step back, which only format 0 can say.
  const deltaMs = (message.timestampMs - previous.timestampMs) >>> 0;
  if (deltaMs > 0x7fffffff) return 0;
  if (previous.typeId !== message.typeId) return 1;
  if (previous.lengthBytes !== message.payload.length) return 1;
  return previous.deltaMs === deltaMs ? 3 : 2;
}

function basicHeader(format: number, chunkStreamId: number): number[] {
  const first = format << 6;
  if (chunkStreamId < 64) return [first | chunkStreamId];
  const rest = chunkStreamId - 64;
  if (rest < 256) return [first, rest];
  return [first | 1, rest & 0xff, rest >> 8];
}

function uint24(value: number): number[] {
  return [(value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

function littleEndian32(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
}
