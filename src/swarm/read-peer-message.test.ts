import { expect, test } from "vitest";
import {
  chunkBytesMax,
  controlLengthMax,
  haveCountMax,
  segmentBytesMax,
  waitMsMax,
  type PeerMessage,
} from "./peer-message.ts";
import { readPeerMessage } from "./read-peer-message.ts";
import { writePeerMessage } from "./write-peer-message.ts";

const segment = { rung: 360, epoch: 1, msn: 7 };
const have = (count: number): PeerMessage => ({
  kind: "have",
  segments: Array.from({ length: count }, (_, i) => ({ ...segment, msn: i })),
});

test.each<PeerMessage>([
  have(0),
  have(haveCountMax),
  { kind: "share", allowed: false },
  { kind: "request", transfer: 0, segment, withinMs: waitMsMax },
  { kind: "busy", transfer: 0xffff_ffff, waitMs: 90 },
  { kind: "refuse", transfer: 1 },
  { kind: "done", transfer: 1 },
  { kind: "cancel", transfer: 1 },
  { kind: "chunk", transfer: 0xffff_ffff, offsetBytes: 70_000, bytes: Uint8Array.of(1, 2) },
  { kind: "chunk", transfer: 0, offsetBytes: 0, bytes: new Uint8Array(chunkBytesMax) },
])("$kind is read as it was written", (message) => {
  expect(readPeerMessage(writePeerMessage(message))).toEqual(message);
});

test.each<[string, unknown]>([
  ["no object", [1]],
  ["null", null],
  ["an unknown kind", { kind: "hello", transfer: 1 }],
  ["a chunk as text", { kind: "chunk", transfer: 1, offsetBytes: 0, bytes: {} }],
  ["a field too many", { kind: "cancel", transfer: 1, more: 1 }],
  ["a missing field", { kind: "busy", transfer: 1 }],
  ["a negative transfer", { kind: "cancel", transfer: -1 }],
  ["a transfer that is too large", { kind: "cancel", transfer: 2 ** 32 }],
  ["a transfer that is text", { kind: "cancel", transfer: "1" }],
  ["a wait beyond the bound", { kind: "busy", transfer: 1, waitMs: waitMsMax + 1 }],
  ["a share that is a number", { kind: "share", allowed: 1 }],
  ["a half msn", { kind: "request", transfer: 1, segment: { ...segment, msn: 0.5 }, withinMs: 1 }],
  ["a segment with more", { kind: "have", segments: [{ ...segment, bytes: 1 }] }],
  ["too many segments", have(haveCountMax + 1)],
  ["segments that are no list", { kind: "have", segments: { length: 1 } }],
])("%s is no control message", (_, message) => {
  expect(readPeerMessage(JSON.stringify(message))).toBeNull();
});

test("text that is no JSON, or longer than any message, is refused", () => {
  expect(readPeerMessage("{")).toBeNull();
  const text = JSON.stringify({ kind: "cancel", transfer: 1 });
  expect(readPeerMessage(text.padEnd(controlLengthMax))).not.toBeNull();
  expect(readPeerMessage(text.padEnd(controlLengthMax + 1))).toBeNull();
});

test("a chunk without payload, too long, of another kind or past any segment is refused", () => {
  const good = writePeerMessage({
    kind: "chunk",
    transfer: 1,
    offsetBytes: 0,
    bytes: Uint8Array.of(9),
  }) as Uint8Array;
  expect(readPeerMessage(good)).not.toBeNull();
  expect(readPeerMessage(good.subarray(0, 9))).toBeNull();
  expect(readPeerMessage(new Uint8Array(0))).toBeNull();
  const long = new Uint8Array(9 + chunkBytesMax + 1);
  long[0] = 1;
  expect(readPeerMessage(long)).toBeNull();
  expect(readPeerMessage(long.subarray(0, -1))).not.toBeNull();
  const other = good.slice();
  other[0] = 2;
  expect(readPeerMessage(other)).toBeNull();
  const past = good.slice();
  new DataView(past.buffer).setUint32(5, segmentBytesMax);
  expect(readPeerMessage(past)).toBeNull();
});
