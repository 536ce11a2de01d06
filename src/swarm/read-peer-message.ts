/**
 * Reads what a peer sent. Anything but a message of peer-message.ts within its bounds (a field too
 * many, a number that is no count, a text too long) is null: the sender is then not to be trusted.
 */
import { isCount, isFields } from "./message-fields.ts";
import {
  chunkBytesMax,
  chunkHeaderBytes,
  controlLengthMax,
  haveCountMax,
  segmentBytesMax,
  waitMsMax,
  type PeerMessage,
} from "./peer-message.ts";
import type { SegmentId } from "./segment.ts";
import { chunkKind } from "./write-peer-message.ts";

const transferMax = 0xffff_ffff;

/** The message, or null when it is none; a chunk's bytes are a view of `data`. */
export function readPeerMessage(data: string | Uint8Array): PeerMessage | null {
  return typeof data === "string" ? readControl(data) : readChunk(data);
}

function readChunk(data: Uint8Array): PeerMessage | null {
  const payloadBytes = data.length - chunkHeaderBytes;
  if (payloadBytes < 1 || payloadBytes > chunkBytesMax || data[0] !== chunkKind) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const offsetBytes = view.getUint32(5);
  if (offsetBytes + payloadBytes > segmentBytesMax) return null;
  const bytes = data.subarray(chunkHeaderBytes);
  return { kind: "chunk", transfer: view.getUint32(1), offsetBytes, bytes };
}

function readControl(text: string): PeerMessage | null {
  if (text.length > controlLengthMax) return null;
  const message = parseObject(text);
  if (message === null) return null;
  const { kind, transfer, allowed } = message;
  if (kind === "have") return readHave(message);
  if (kind === "request") return readRequest(message);
  if (kind === "busy") return readBusy(message);
  if (fieldCount(message) !== 2) return null;
  if (kind === "share") return typeof allowed === "boolean" ? { kind, allowed } : null;
  if (!isCount(transfer, transferMax)) return null;
  if (kind !== "refuse" && kind !== "done" && kind !== "cancel") return null;
  return { kind, transfer };
}

function readBusy(message: Fields): PeerMessage | null {
  const { transfer, waitMs } = message;
  if (!isCount(transfer, transferMax) || !isCount(waitMs, waitMsMax)) return null;
  return fieldCount(message) === 3 ? { kind: "busy", transfer, waitMs } : null;
}

function readRequest(message: Fields): PeerMessage | null {
  const { transfer, withinMs } = message;
  const segment = readSegmentId(message.segment);
  if (segment === null || fieldCount(message) !== 4) return null;
  if (!isCount(transfer, transferMax) || !isCount(withinMs, waitMsMax)) return null;
  return { kind: "request", transfer, segment, withinMs };
}

function readHave(message: Fields): PeerMessage | null {
  const { segments } = message;
  if (!Array.isArray(segments) || segments.length > haveCountMax) return null;
  if (fieldCount(message) !== 2) return null;
  const ids: SegmentId[] = [];
  for (const segment of segments) {
    const id = readSegmentId(segment);
    if (id === null) return null;
    ids.push(id);
  }
  return { kind: "have", segments: ids };
}

function readSegmentId(value: unknown): SegmentId | null {
  if (!isFields(value)) return null;
  const { rung, epoch, msn } = value;
  if (!isCount(rung) || !isCount(epoch) || !isCount(msn)) return null;
  return fieldCount(value) === 3 ? { rung, epoch, msn } : null;
}

/** What any of the fields read here may hold, before it is looked at. */
interface Fields {
  kind?: unknown;
  transfer?: unknown;
  segments?: unknown;
  allowed?: unknown;
  segment?: unknown;
  withinMs?: unknown;
  waitMs?: unknown;
  rung?: unknown;
  epoch?: unknown;
  msn?: unknown;
}

function parseObject(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
}

function fieldCount(value: object): number {
  return Object.keys(value).length;
}
