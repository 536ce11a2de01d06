/**
 * Fuzz target: a whole RTMP connection after the client's first bytes. The same bytes in one piece
 * and in small pieces must give the same events, the buffers must stay within the limits, and a
 * tag must never come before the key was asked for.
 */
import { assert } from "../base/assert.ts";
import { PublishSession } from "./publish-session.ts";
import type { SessionEvent } from "./session-event.ts";

export const name = "rtmp-session";

export const dictionary = [
  "connect",
  "createStream",
  "publish",
  "deleteStream",
  "live",
  Uint8Array.of(2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0),
  Uint8Array.of(2, 0, 0, 0, 0, 0, 4, 2, 0, 0, 0, 0),
  Uint8Array.of(0xc4),
  Uint8Array.of(0xff, 0xff, 0xff),
  Uint8Array.of(0x44, 0, 0, 33, 0, 0, 5, 9, 0x17),
];

const limits = {
  handshakeTimeoutMs: 5_000,
  publishTimeoutMs: 10_000,
  idleTimeoutMs: 8_000,
  chunkStreamCountMax: 16,
  messageBytesMax: 1_048_576,
};
const partialBytesMax = 2 * limits.messageBytesMax + limits.chunkStreamCountMax * 65_536;
const handshakeBytes = 1 + 2 * 1_536;

/** The first byte chooses the size of the pieces, the rest follows a right handshake. */
export function fuzz(data: Uint8Array): void {
  const pieceBytes = 1 + (data[0] ?? 0);
  const stream = new Uint8Array(handshakeBytes + Math.max(0, data.length - 1));
  stream[0] = 3;
  stream.set(data.subarray(1), handshakeBytes);
  const whole = run(stream, stream.length);
  const inPieces = run(stream, pieceBytes);
  assert(whole.length === inPieces.length, "pieces give another number of events");
  whole.forEach((event, i) => {
    assert(event === inPieces[i], `pieces give ${inPieces[i]}, not ${event}`);
  });
}

function run(stream: Uint8Array, pieceBytes: number): string[] {
  const session = new PublishSession({
    application: "live",
    limits,
    nowMs: 0,
    random: Uint8Array.of(7),
  });
  const events: string[] = [];
  let accepted = false;
  for (let at = 0; at < stream.length; at += pieceBytes) {
    session.push(stream.subarray(at, at + pieceBytes), 0);
    for (let event = session.next(); event !== undefined; event = session.next()) {
      assert(event.kind !== "tag" || accepted, "a tag before publish");
      events.push(describe(event));
      if (event.kind !== "publish") continue;
      accepted = true;
      session.accept();
    }
    assert(session.partialBytes <= partialBytesMax, "too much memory for partial messages");
  }
  session.tick(limits.publishTimeoutMs);
  for (let event = session.next(); event !== undefined; event = session.next()) {
    events.push(describe(event));
  }
  assert(session.isEnded || accepted, "neither publishing nor ended at the deadline");
  return events;
}

function describe(event: SessionEvent): string {
  switch (event.kind) {
    case "send":
      return `send ${event.bytes.join(" ")}`;
    case "publish":
      return `publish ${event.streamKey}`;
    case "tag":
      return `tag ${event.tag.kind} ${event.tag.timestampMs} ${event.tag.payload.join(" ")}`;
    case "end":
      return `end ${event.end.code} ${event.end.reason}`;
  }
}
