/**
 * What the readers of the room's messages share: JSON that may be anything, and the fields that both
 * directions have. Nothing here throws, and what it returns holds known fields only.
 */
import { roomMessageBytesMax, type PeerId, type Signal } from "./room-messages.ts";

export type ReadResult<Message> = { ok: true; message: Message } | { ok: false; reason: string };

export type Fields = Readonly<Record<string, unknown>>;

/** Of a session description; one with a data channel and ten candidates has about 1,500. */
const sdpLengthMax = 8_192;
const candidateLengthMax = 512;
const midLengthMax = 64;
/** In kbps; rung 0 is the audio. */
const rungMax = 10_000_000;
const peerId = /^[A-Za-z0-9_-]{1,32}$/;

export function refused(reason: string): { ok: false; reason: string } {
  return { ok: false, reason };
}

/** The object that a message's text is; undefined when it is none or too long. */
export function readFields(text: string): Fields | undefined {
  // A character has a byte or more; sockets count the bytes.
  if (text.length > roomMessageBytesMax) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    // Not JSON: no message, which every caller says.
    return undefined;
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A whole number from 0 to `max`. */
export function isCount(value: unknown, max: number = Number.MAX_SAFE_INTEGER): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max;
}

export function isPeerId(value: unknown): value is PeerId {
  return typeof value === "string" && peerId.test(value);
}

export function isRung(value: unknown): value is number {
  return isCount(value, rungMax);
}

export function readSignal(value: unknown): Signal | undefined {
  if (!isFields(value)) return undefined;
  const { type, sdp, candidate, mid } = value;
  if (type === "offer" || type === "answer") {
    return isText(sdp, sdpLengthMax) && sdp !== "" ? { type, sdp } : undefined;
  }
  if (type !== "candidate") return undefined;
  if (!isText(candidate, candidateLengthMax) || !isText(mid, midLengthMax)) return undefined;
  return { type, candidate, mid };
}

export function isText(value: unknown, lengthMax: number): value is string {
  return typeof value === "string" && value.length <= lengthMax;
}
