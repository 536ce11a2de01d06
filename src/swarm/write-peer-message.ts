/** Peer messages as they go over a data channel: text for control, bytes for chunks. */
import { assert } from "../base/assert.ts";
import { chunkBytesMax, chunkHeaderBytes, type PeerMessage } from "./peer-message.ts";

/** First byte of a chunk; others are free for what comes later. */
export const chunkKind = 1;

/** A text for a control message; for a chunk its kind (1 byte), transfer and offset (4 each), payload. */
export function writePeerMessage(message: PeerMessage): string | Uint8Array<ArrayBuffer> {
  if (message.kind !== "chunk") return JSON.stringify(message);
  const { bytes } = message;
  assert(bytes.length > 0 && bytes.length <= chunkBytesMax, "a chunk is empty or too long");
  const written = new Uint8Array(chunkHeaderBytes + bytes.length);
  const view = new DataView(written.buffer);
  view.setUint8(0, chunkKind);
  view.setUint32(1, message.transfer);
  view.setUint32(5, message.offsetBytes);
  written.set(bytes, chunkHeaderBytes);
  return written;
}
