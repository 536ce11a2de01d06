import { expect, test } from "vitest";
import { handshakeBytes, ServerHandshake } from "./handshake.ts";

const random = Uint8Array.of(1, 2, 3);
const c1 = Uint8Array.from({ length: handshakeBytes }, (_, i) => i & 0xff);
const rest = Uint8Array.of(9, 8, 7);
const client = Uint8Array.of(3, ...c1, ...new Uint8Array(handshakeBytes), ...rest);

function run(stream: Uint8Array, pieceBytes: number): { answer: Uint8Array; rest: number[] } {
  const handshake = new ServerHandshake(random);
  let answer: Uint8Array = new Uint8Array(0);
  for (let at = 0; at < stream.length; at += pieceBytes) {
    handshake.push(stream.subarray(at, at + pieceBytes));
    for (let step = handshake.next(); step.kind !== "more"; step = handshake.next()) {
      if (step.kind === "fault") throw new Error(step.reason);
      if (step.kind === "answer") answer = step.bytes;
      else return { answer, rest: [...step.rest, ...stream.subarray(at + pieceBytes)] };
    }
  }
  throw new Error("not done");
}

test.each([1, 2, 1_535, 1_536, 1_537, 3_073, 10_000])("is done in pieces of %i bytes", (bytes) => {
  const { answer, rest: after } = run(client, bytes);
  expect(answer.length).toBe(1 + 2 * handshakeBytes);
  expect([...answer.subarray(0, 12)]).toEqual([3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]);
  expect(answer.subarray(1 + handshakeBytes)).toEqual(c1);
  expect(after).toEqual([...rest]);
});

test.each<[string, Uint8Array, string]>([
  ["TLS", Uint8Array.of(0x16, 3, 1), "the peer speaks TLS: use rtmp://, not rtmps://"],
  ["RTMPE", Uint8Array.of(6), "the peer wants encrypted RTMP (RTMPE)"],
  ["HTTP", new TextEncoder().encode("GET / HTTP/1.1"), "the peer speaks HTTP, not RTMP"],
  ["anything else", Uint8Array.of(0), "the peer does not speak RTMP (first byte 0)"],
])("%s is named at its first byte", (_, bytes, reason) => {
  const handshake = new ServerHandshake(random);
  handshake.push(bytes);
  expect(handshake.next()).toEqual({ kind: "fault", reason });
});
