import { expect, test } from "vitest";
import type { FeedStatus } from "../hls/status.ts";
import type { SwarmPolicy } from "./policy.ts";
import { readRoomMessage } from "./read-room-message.ts";
import { roomMessageBytesMax, type RoomMessage } from "./room-messages.ts";
import type { SegmentFacts } from "./segment.ts";

const status: FeedStatus = {
  version: 7,
  state: "live",
  sinceUnixMs: 1,
  lastSegmentUnixMs: 0,
  nowUnixMs: 3,
  viewers: 4,
  p2p: "on",
  ladderVersion: 1,
};
const iceServer = { url: "turns:t.example:5349?transport=tcp", username: "u", credential: "c" };
const policy: SwarmPolicy = {
  mode: "on",
  uploadKbpsMax: 2_000,
  seedCount: 2,
  iceServers: [iceServer, { url: "stun:s.example", username: "", credential: "" }],
};
const segment: SegmentFacts = {
  rung: 0,
  epoch: 1,
  msn: 7,
  bytes: 268_435_456,
  sha256: "0123456789abcdef".repeat(4),
};
const peers = (count: number): string[] => Array.from({ length: count }, (_, n) => `peer-${n}`);
const welcome = { kind: "welcome", id: "me", status, policy } as const;
const announced = { kind: "segment", segment, seeds: peers(2) } as const;

const good: RoomMessage[] = [
  welcome,
  { ...welcome, status: null, policy: { ...policy, mode: "off", iceServers: [] } },
  { kind: "status", status: { ...status, state: "offline", p2p: "off" } },
  { kind: "policy", policy: { ...policy, uploadKbpsMax: 0, seedCount: 64 } },
  {
    kind: "policy",
    policy: { ...policy, iceServers: Array<typeof iceServer>(16).fill(iceServer) },
  },
  { kind: "cell", size: null },
  { kind: "cell", size: 1 },
  { kind: "cell", size: 64 },
  { kind: "dial", peers: [] },
  { kind: "dial", peers: peers(64) },
  { kind: "signal", from: "a", signal: { type: "answer", sdp: "v=0" } },
  { kind: "signal", from: "a", signal: { type: "candidate", candidate: "", mid: "0" } },
  { kind: "gone", peer: "a" },
  announced,
  { ...announced, segment: { ...segment, bytes: 1 }, seeds: [] },
];

test.each(good)("$kind is read as it was written, without what else is in it", (message) => {
  expect(readRoomMessage(JSON.stringify({ ...message, more: 1 }))).toEqual({ ok: true, message });
});

const welcomed = (change: object): unknown => ({ ...welcome, ...change });
const ruled = (change: object): unknown => ({ kind: "policy", policy: { ...policy, ...change } });
const served = (change: object): unknown => ruled({ iceServers: [{ ...iceServer, ...change }] });
const told = (change: object): unknown => ({ ...announced, segment: { ...segment, ...change } });

test.each<[string, unknown]>([
  ["an id that is none", welcomed({ id: "a b" })],
  ["a welcome without a status", welcomed({ status: undefined })],
  ["a welcome with half a status", welcomed({ status: { version: 1 } })],
  ["a welcome without a policy", welcomed({ policy: null })],
  ["a status of an unknown state", { kind: "status", status: { ...status, state: "on" } }],
  ["a status of nothing", { kind: "status", status: null }],
  ["a policy that is a list", { kind: "policy", policy: [] }],
  ["a mode that viewers do not know", ruled({ mode: "auto" })],
  ["an upload below none", ruled({ uploadKbpsMax: -1 })],
  ["an upload above all", ruled({ uploadKbpsMax: 100_000_001 })],
  ["more seeds than a cell has", ruled({ seedCount: 65 })],
  ["servers that are no list", ruled({ iceServers: { length: 1 } })],
  ["a server that is none", ruled({ iceServers: [null] })],
  ["too many servers", ruled({ iceServers: Array(17).fill(iceServer) })],
  ["a server of the web", served({ url: "https://t.example" })],
  ["a server with a blank", served({ url: "turn:t.example a" })],
  ["a server without a name", served({ url: "stun:" })],
  ["a server's name too long", served({ url: `stun:${"x".repeat(1_020)}` })],
  ["a user that is none", served({ username: null })],
  ["a credential too long", served({ credential: "x".repeat(1_025) })],
  ["a cell of nobody", { kind: "cell", size: 0 }],
  ["a cell too large", { kind: "cell", size: 65 }],
  ["a cell without a size", { kind: "cell" }],
  ["calls that are no list", { kind: "dial", peers: "a" }],
  ["too many calls", { kind: "dial", peers: peers(65) }],
  ["one call that is none among others", { kind: "dial", peers: ["a", 5] }],
  ["a signal of nobody", { kind: "signal", signal: { type: "offer", sdp: "v=0" } }],
  ["a signal that is none", { kind: "signal", from: "a", signal: { type: "offer" } }],
  ["nobody gone", { kind: "gone", peer: null }],
  ["a segment that is none", { ...announced, segment: null }],
  ["a segment of no rung", told({ rung: null })],
  ["a segment of half an epoch", told({ epoch: 1.5 })],
  ["a segment of a number below none", told({ msn: -1 })],
  ["a segment of nothing", told({ bytes: 0 })],
  ["a segment above all", told({ bytes: 268_435_457 })],
  ["a digest too short", told({ sha256: segment.sha256.slice(1) })],
  ["a digest in capitals", told({ sha256: segment.sha256.toUpperCase() })],
  ["a digest with a line after it", told({ sha256: `${segment.sha256}\n` })],
  ["a digest in a list", told({ sha256: [segment.sha256] })],
  ["a segment without seeds", { ...announced, seeds: undefined }],
  ["too many seeds", { ...announced, seeds: peers(65) }],
])("%s is refused", (_, value) => {
  expect(readRoomMessage(JSON.stringify(value))).toEqual({ ok: false, reason: "a field is wrong" });
});

test.each<[string, string, string]>([
  ["no JSON", "{", "no JSON object"],
  ["a list", "[]", "no JSON object"],
  ["what only viewers say", '{"kind":"watch","rung":300,"share":"both"}', "unknown kind"],
  ["a kind that objects have", '{"kind":"constructor"}', "unknown kind"],
  ["a kind of a prototype", '{"__proto__":{"kind":"gone","peer":"a"}}', "unknown kind"],
  [
    "a text too long",
    '{"kind":"gone","peer":"a"}'.padEnd(roomMessageBytesMax + 1),
    "no JSON object",
  ],
])("%s is refused, and it says why", (_, text, reason) => {
  expect(readRoomMessage(text)).toEqual({ ok: false, reason });
});

test("the longest text that sockets carry is read", () => {
  const text = '{"kind":"gone","peer":"a"}'.padEnd(roomMessageBytesMax);
  expect(readRoomMessage(text)).toEqual({ ok: true, message: { kind: "gone", peer: "a" } });
});
