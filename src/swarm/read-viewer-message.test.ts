import { expect, test } from "vitest";
import { readViewerMessage } from "./read-viewer-message.ts";
import { dropReasons, roomMessageBytesMax, type ViewerMessage } from "./room-messages.ts";

const id = "a-Z_09".padEnd(32, "x");
const report = {
  httpBytes: 1e12,
  peerBytes: 0,
  uploadedBytes: 7,
  refusedCount: 1e6,
  lateCount: 0,
  peerCount: 12,
};
const watch = { kind: "watch", rung: 300, share: "both" };
const candidate = { type: "candidate", candidate: "", mid: "" };
const signal = (one: unknown, to: unknown = id): unknown => ({ kind: "signal", to, signal: one });
const reported = (change: object): unknown => ({
  kind: "report",
  report: { ...report, ...change },
});

const good: ViewerMessage[] = [
  { kind: "watch", rung: null, share: "nothing" },
  { kind: "watch", rung: 0, share: "take" },
  { kind: "watch", rung: 10_000_000, share: "both" },
  { kind: "signal", to: "a", signal: { type: "offer", sdp: "x".repeat(8_192) } },
  { kind: "signal", to: id, signal: { type: "answer", sdp: "x" } },
  {
    kind: "signal",
    to: id,
    signal: { type: "candidate", candidate: "x".repeat(512), mid: "x".repeat(64) },
  },
  { kind: "signal", to: id, signal: { type: "candidate", candidate: "", mid: "" } },
  ...dropReasons.map((reason) => ({ kind: "dropped", peer: id, reason }) as const),
  { kind: "report", report },
];

test.each(good)("$kind is read as it was written, without what else is in it", (message) => {
  const nested = "signal" in message ? { signal: { ...message.signal, more: 1 } } : {};
  const text = JSON.stringify({ ...message, ...nested, from: "me", id: "me" });
  const read = readViewerMessage(text);
  expect(read).toEqual({ ok: true, message });
});

test.each<[string, unknown, string]>([
  ["a list", [watch], "no JSON object"],
  ["null", null, "no JSON object"],
  ["a text", "watch", "no JSON object"],
  ["no kind", { rung: 300, share: "both" }, "unknown kind"],
  ["a kind that objects have", { kind: "constructor" }, "unknown kind"],
  ["what only an edge says", { kind: "segment", segment: {}, seeds: [] }, "unknown kind"],
  ["a share that is none", { ...watch, share: "all" }, "watch: share"],
  ["a share that is missing", { kind: "watch", rung: 300 }, "watch: share"],
  ["a rung as text", { ...watch, rung: "300" }, "watch: rung"],
  ["a rung that is missing", { kind: "watch", share: "both" }, "watch: rung"],
  ["half a rung", { ...watch, rung: 0.5 }, "watch: rung"],
  ["a rung below none", { ...watch, rung: -1 }, "watch: rung"],
  ["a rung above all", { ...watch, rung: 10_000_001 }, "watch: rung"],
  ["a signal to nobody", signal(candidate, ""), "signal: to"],
  ["a signal to all", signal(candidate, ["a"]), "signal: to"],
  ["an id too long", signal(candidate, `${id}x`), "signal: to"],
  ["an id of other characters", signal(candidate, "a/b"), "signal: to"],
  ["an id with a line after it", signal(candidate, "a\n"), "signal: to"],
  ["a signal that is missing", { kind: "signal", to: id }, "signal: signal"],
  ["a signal of another type", signal({ type: "pranswer", sdp: "x" }), "signal: signal"],
  ["a candidate of another type", signal({ ...candidate, type: "rollback" }), "signal: signal"],
  ["a description of nothing", signal({ type: "offer", sdp: "" }), "signal: signal"],
  ["a description too long", signal({ type: "offer", sdp: "x".repeat(8_193) }), "signal: signal"],
  ["a description that is none", signal({ type: "answer", sdp: {} }), "signal: signal"],
  ["a candidate too long", signal({ ...candidate, candidate: "x".repeat(513) }), "signal: signal"],
  ["a candidate that is none", signal({ ...candidate, candidate: null }), "signal: signal"],
  ["a media id too long", signal({ ...candidate, mid: "x".repeat(65) }), "signal: signal"],
  ["a media id as number", signal({ ...candidate, mid: 0 }), "signal: signal"],
  ["a drop of nobody", { kind: "dropped", reason: "digest" }, "dropped: peer"],
  ["a drop for no known reason", { kind: "dropped", peer: id, reason: "ugly" }, "dropped: reason"],
  ["a report that is none", { kind: "report", report: [1] }, "report"],
  ["bytes below none", reported({ peerBytes: -1 }), "report: bytes"],
  ["half a byte", reported({ uploadedBytes: 0.5 }), "report: bytes"],
  ["more bytes than can be", reported({ httpBytes: 1e12 + 1 }), "report: bytes"],
  ["bytes as text", reported({ httpBytes: "1" }), "report: bytes"],
  ["a count that is missing", reported({ lateCount: undefined }), "report: counts"],
  ["more refused than can be", reported({ refusedCount: 1e6 + 1 }), "report: counts"],
  ["peers below none", reported({ peerCount: -1 }), "report: counts"],
])("%s is refused, and it says why", (_, value, reason) => {
  expect(readViewerMessage(JSON.stringify(value))).toEqual({ ok: false, reason });
});

test("no JSON, fields of a prototype, and a text longer than any message are refused", () => {
  const refused = { ok: false, reason: "no JSON object" };
  for (const text of ["", "{", "NaN", '{"kind":"watch",}', "\0"]) {
    expect(readViewerMessage(text), text).toEqual(refused);
  }
  const inherited = '{"__proto__":{"kind":"watch","rung":300,"share":"both"}}';
  expect(readViewerMessage(inherited)).toEqual({ ok: false, reason: "unknown kind" });
  const text = JSON.stringify(watch);
  expect(readViewerMessage(text.padEnd(roomMessageBytesMax))).toMatchObject({ ok: true });
  expect(readViewerMessage(text.padEnd(roomMessageBytesMax + 1))).toEqual(refused);
});
