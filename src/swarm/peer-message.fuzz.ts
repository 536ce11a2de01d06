/**
 * Fuzz target: what a hostile peer sends, message by message (a kind byte, two of length, the data).
 * Reading never throws, what was read survives writing, and the scheduler takes it all in bounds.
 */
import { assert } from "../base/assert.ts";
import { readPeerMessage } from "./read-peer-message.ts";
import { Scheduler } from "./scheduler.ts";
import { writePeerMessage } from "./write-peer-message.ts";

export const name = "peer-message";

export const dictionary = [
  '{"kind":"have","segments":[{"rung":360,"epoch":1,"msn":5}]}',
  '{"kind":"share","allowed":false}',
  '{"kind":"request","transfer":0,"segment":{"rung":360,"epoch":1,"msn":4},"withinMs":500}',
  '{"kind":"busy","transfer":0,"waitMs":90}',
  '{"kind":"refuse","transfer":0}',
  '{"kind":"done","transfer":0}',
  '{"kind":"cancel","transfer":0}',
  Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 42),
];

const messageCountMax = 64;
const decisionCountMax = 40;
const textMark = 0x74;

export function fuzz(data: Uint8Array): void {
  const scheduler = playingScheduler();
  let nowMs = 2_000;
  for (const received of messages(data)) {
    nowMs += 40;
    const message = readPeerMessage(received);
    if (message === null) scheduler.take({ kind: "unreadable", peer: "p" }, nowMs);
    else {
      const again = readPeerMessage(writePeerMessage(message));
      assert(JSON.stringify(again) === JSON.stringify(message), "writing changed the message");
      scheduler.take({ kind: "message", peer: "p", message }, nowMs);
    }
    if (scheduler.nextTickMs <= nowMs) scheduler.take({ kind: "tick" }, nowMs);
    assert(scheduler.nextTickMs > nowMs, "a tick is due for ever");
    for (const decision of scheduler.drain()) {
      assert(decision.kind !== "deliver", "unchecked bytes were delivered");
    }
  }
}

/** A viewer who holds one segment, waits for the next, and has one neighbour. */
function playingScheduler(): Scheduler {
  const scheduler = new Scheduler({ random: () => 0.5 });
  const segment = (msn: number) => ({ rung: 360, epoch: 1, msn, bytes: 3, sha256: `${msn}` });
  const policy = { mode: "on", uploadKbpsMax: 0, seedCount: 1, iceServers: [] } as const;
  scheduler.take({ kind: "policy", policy }, 0);
  scheduler.take({ kind: "share", allowed: true }, 0);
  scheduler.take({ kind: "rung", rung: 360 }, 0);
  scheduler.take({ kind: "segment", segment: segment(4), hasSeeds: true, isSeed: false }, 0);
  scheduler.take({ kind: "want", id: { rung: 360, epoch: 1, msn: 4 }, deadlineMs: 0 }, 0);
  const id = { rung: 360, epoch: 1, msn: 4 };
  scheduler.take({ kind: "fetchEnd", id, bytes: Uint8Array.of(1, 2, 3) }, 100);
  scheduler.take({ kind: "verified", check: 0, ok: true }, 100);
  scheduler.take({ kind: "peerOpen", peer: "p" }, 200);
  scheduler.take({ kind: "segment", segment: segment(5), hasSeeds: true, isSeed: false }, 1_000);
  scheduler.take({ kind: "want", id: { ...id, msn: 5 }, deadlineMs: 9_000 }, 1_000);
  const decisions = scheduler.drain();
  assert(decisions.length < decisionCountMax, "too much was decided");
  return scheduler;
}

function* messages(data: Uint8Array): Generator<string | Uint8Array> {
  let at = 0;
  for (let count = 0; count < messageCountMax && at + 3 <= data.length; count++) {
    const length = (data[at + 1]! << 8) | data[at + 2]!;
    const bytes = data.subarray(at + 3, at + 3 + length);
    yield data[at] === textMark ? String.fromCharCode(...bytes) : bytes;
    at += 3 + length;
  }
}
