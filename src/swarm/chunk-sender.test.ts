import { beforeEach, expect, test } from "vitest";
import { BytePacer } from "./byte-pacer.ts";
import { ChunkSender, type TransferEnd } from "./chunk-sender.ts";
import type { RtcChannel } from "./client-ports.ts";
import { readPeerMessage } from "./read-peer-message.ts";
import { ManualClock } from "./testing/manual-clock.ts";

/** A channel whose bytes go out when the test says so. */
class SlowChannel implements RtcChannel {
  readyState = "open";
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  binaryType = "arraybuffer";
  onopen = null;
  onclose = null;
  onmessage = null;
  onbufferedamountlow = null;
  readonly sent: Uint8Array[] = [];

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (typeof data === "string") throw new Error("only chunks are sent here");
    if (this.readyState !== "open") throw new Error("closed");
    this.sent.push(data);
    this.bufferedAmount += data.length;
  }

  close(): void {
    this.readyState = "closed";
  }
}

let clock: ManualClock;
let channel: SlowChannel | null;
let ends: TransferEnd[];
let deaf: string[];
let sender: ChunkSender;

beforeEach(() => {
  clock = new ManualClock();
  channel = new SlowChannel();
  ends = [];
  deaf = [];
  sender = new ChunkSender({
    ports: clock,
    channel: () => channel,
    ended: (end) => ends.push(end),
    deaf: (peer) => deaf.push(peer),
  });
});

const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);

function drain(): void {
  channel!.bufferedAmount = 0;
  sender.drained("a");
}

test("a segment goes over in order and whole, a little of it at a time", () => {
  sender.start({ peer: "a", transfer: 3, bytes });
  let mostBytes = 0;
  while (ends.length === 0) {
    mostBytes = Math.max(mostBytes, channel!.bufferedAmount);
    drain();
  }
  expect(mostBytes).toBeLessThan(64 * 1024 + 17_000);
  const got = new Uint8Array(bytes.length);
  for (const data of channel!.sent) {
    const message = readPeerMessage(data);
    if (message?.kind !== "chunk") throw new Error("no chunk");
    expect(message.transfer).toBe(3);
    got.set(message.bytes, message.offsetBytes);
  }
  expect(got).toEqual(bytes);
  expect(ends).toEqual([{ peer: "a", transfer: 3, sentBytes: 200_000, isWhole: true }]);
});

test("a transfer has ended when nothing of it waits in the channel", () => {
  sender.start({ peer: "a", transfer: 1, bytes: bytes.subarray(0, 4_000) });
  expect(channel!.sent).toHaveLength(1);
  clock.pass(4_000);
  expect(ends).toEqual([]);
  drain();
  expect(ends).toHaveLength(1);
});

test("should the channel's event get lost, it is looked at again", () => {
  sender.start({ peer: "a", transfer: 1, bytes: bytes.subarray(0, 4_000) });
  channel!.bufferedAmount = 0;
  clock.pass(500);
  expect(ends).toMatchObject([{ isWhole: true }]);
});

test("a transfer that is stopped, or whose peer is gone, has been cut", () => {
  sender.start({ peer: "a", transfer: 1, bytes });
  sender.stop({ peer: "a", transfer: 2 });
  expect(ends).toEqual([]);
  sender.stop({ peer: "a", transfer: 1 });
  expect(ends).toMatchObject([{ transfer: 1, isWhole: false }]);
  const sentCount = channel!.sent.length;
  drain();
  expect(channel!.sent).toHaveLength(sentCount);
  sender.start({ peer: "a", transfer: 4, bytes });
  sender.peerClosed("a");
  expect(ends).toMatchObject([{ transfer: 1 }, { transfer: 4, isWhole: false }]);
  channel = null;
  sender.start({ peer: "a", transfer: 5, bytes });
  expect(ends.at(-1)).toMatchObject({ transfer: 5, sentBytes: 0, isWhole: false });
});

test("a transfer that is stopped when its last piece waits in the channel goes over whole", () => {
  sender.start({ peer: "a", transfer: 1, bytes: bytes.subarray(0, 4_000) });
  sender.stop({ peer: "a", transfer: 1 });
  expect(ends).toEqual([{ peer: "a", transfer: 1, sentBytes: 4_000, isWhole: true }]);
});

test("one is sent at a time; another has ended before it began, and the next after it begins", () => {
  sender.start({ peer: "a", transfer: 1, bytes });
  const sentCount = channel!.sent.length;
  for (let transfer = 2; transfer < 100; transfer++) {
    sender.start({ peer: "a", transfer, bytes });
    expect(ends.at(-1)).toEqual({ peer: "a", transfer, sentBytes: 0, isWhole: false });
  }
  expect(channel!.sent).toHaveLength(sentCount);
  expect(clock.timerCount).toBe(1);
  sender.stop({ peer: "a", transfer: 1 });
  channel!.bufferedAmount = 0;
  sender.start({ peer: "a", transfer: 100, bytes });
  expect(channel!.sent.length).toBeGreaterThan(sentCount);
});

test("a peer that takes nothing for 5 s is given up, and the next one is served", () => {
  sender.start({ peer: "a", transfer: 1, bytes });
  clock.pass(4_999);
  expect(deaf).toEqual([]);
  clock.pass(1);
  expect(deaf).toEqual(["a"]);
  expect(ends).toMatchObject([{ transfer: 1, isWhole: false }]);
  expect(clock.timerCount).toBe(0);
  channel = new SlowChannel();
  sender.start({ peer: "b", transfer: 1, bytes });
  expect(channel.sent.length).toBeGreaterThan(0);
});

test("a peer that takes little, but takes it, is waited for", () => {
  sender.start({ peer: "a", transfer: 1, bytes: bytes.subarray(0, 16_000) });
  for (let looks = 0; looks < 60; looks++) {
    channel!.bufferedAmount -= 200;
    clock.pass(500);
  }
  expect(deaf).toEqual([]);
  expect(ends).toEqual([]);
});

test("a channel that takes no more ends the transfer, nothing else", () => {
  channel!.close();
  sender.start({ peer: "a", transfer: 1, bytes });
  expect(ends).toMatchObject([{ sentBytes: 0, isWhole: false }]);
});

test("the ceiling holds over a few seconds, whatever the line could do", () => {
  sender.setCeiling(400);
  const big = new Uint8Array(1_000_000);
  sender.start({ peer: "a", transfer: 1, bytes: big });
  for (let tenths = 0; tenths < 100; tenths += 1) {
    drain();
    clock.pass(100);
  }
  const sentBytes = channel!.sent.reduce((sum, { length }) => sum + length, 0);
  // 10 s at 50 kB/s, and the two seconds that had been saved up.
  expect(sentBytes).toBeGreaterThan(500_000);
  expect(sentBytes).toBeLessThan(620_000);
});

test("a piece larger than all that may be saved up still goes, when that is full", () => {
  const pacer = new BytePacer();
  pacer.setCeiling(8, 0);
  expect(pacer.take(16_384, 0)).toBe(0);
  const waitMs = pacer.take(16_384, 0);
  expect(waitMs).toBeGreaterThan(14_000);
  expect(pacer.take(16_384, waitMs)).toBe(0);
});
