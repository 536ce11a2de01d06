/** RTMP messages, whole, as the chunk stream carries them (Adobe RTMP 1.0, sections 5 to 7). */

export interface RtmpMessage {
  chunkStreamId: number;
  /** Ms modulo 2^32, unsigned. */
  timestampMs: number;
  typeId: number;
  messageStreamId: number;
  payload: Uint8Array;
}

/** Message types of the specification that a publisher sends or gets. */
export const messageTypes = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAckSize: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  dataAmf0: 18,
  commandAmf0: 20,
  aggregate: 22,
} as const;

/** Chunk stream of protocol control messages. */
export const controlChunkStreamId = 2;
/** Chunk size of both directions until a Set Chunk Size message (section 5.4). */
export const initialChunkSizeBytes = 128;
/** In a 24-bit timestamp field: the real one follows in 32 bits. */
export const extendedTimestampMark = 0xffffff;

/** A 32-bit big-endian number. */
export function uint32Bytes(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** The big-endian 32-bit number at `at`; the bytes must be there. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  );
}
