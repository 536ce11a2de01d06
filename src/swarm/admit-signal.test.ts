import { expect, test } from "vitest";
import { admitSignal, candidateCountMax, type AdmittedSignal } from "./admit-signal.ts";
import { dataChannelSdp, libdatachannelSdp } from "./testing/sdp.ts";

const sender = { address: "203.0.113.7", isRelay: () => false };
const own = "candidate:1 1 udp 1 203.0.113.7 5000 typ host";
const foreign = "candidate:2 1 udp 1 192.168.1.5 5000 typ host";

function offer(sdp: string): AdmittedSignal {
  return admitSignal({ type: "offer", sdp }, sender);
}

function sdpOf(admitted: AdmittedSignal): string {
  if (!admitted.ok || admitted.signal.type === "candidate") throw new Error("refused");
  return admitted.signal.sdp;
}

const refused = { ok: false, reason: "sdp" };

test("a browser's description passes with what a data channel needs, and without addresses", () => {
  const admitted = offer(dataChannelSdp([own, foreign]));
  const sdp = sdpOf(admitted);
  expect(admitted).toMatchObject({ ok: true, candidateCount: 1 });
  expect(sdp.split("\r\n")).toEqual([
    "v=0",
    "o=- 2338552281355644268 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    "a=ice-ufrag:Lta1",
    "a=ice-pwd:dcJ5j0pqxjthl4OCh9We/ztr",
    "a=ice-options:trickle",
    expect.stringMatching(/^a=fingerprint:sha-256 23:59/),
    "a=setup:actpass",
    "a=mid:0",
    "a=sctp-port:5000",
    "a=max-message-size:262144",
    `a=${own}`,
    "",
  ]);
  expect(sdp).not.toContain("192.168");
});

test("what has passed once passes unchanged", () => {
  for (const sdp of [dataChannelSdp([own]), libdatachannelSdp()]) {
    const once = sdpOf(offer(sdp));
    expect(sdpOf(offer(once))).toBe(once);
  }
});

test("libdatachannel's description passes, its address does not", () => {
  const admitted = admitSignal({ type: "answer", sdp: libdatachannelSdp() }, sender);
  expect(admitted).toMatchObject({ ok: true, candidateCount: 0, signal: { type: "answer" } });
  expect(sdpOf(admitted)).toContain("a=ice-options:ice2,trickle");
  expect(sdpOf(admitted)).not.toContain("10.1.2.3");
});

test.each([
  ["sound", "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"],
  ["pictures", "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"],
  ["a second channel", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"],
])("a description that adds %s is refused", (_, more) => {
  expect(offer(dataChannelSdp() + more)).toEqual(refused);
});

test.each([
  ["no SDP", "hello"],
  ["nothing", ""],
  ["no media", "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"],
  ["no fingerprint", dataChannelSdp().replace(/a=fingerprint[^\r]*\r\n/, "")],
  ["no password", dataChannelSdp().replace(/a=ice-pwd[^\r]*\r\n/, "")],
  ["two passwords", dataChannelSdp() + "a=ice-pwd:dcJ5j0pqxjthl4OCh9We/ztr\r\n"],
  ["a password with a message in it", dataChannelSdp().replace("a=ice-pwd:", "a=ice-pwd:hi all ")],
  ["a setup that is none", dataChannelSdp().replace("actpass", "http://a")],
  ["a session without a number", dataChannelSdp().replace("2338552281355644268", "me@home")],
  ["another protocol", dataChannelSdp().replace("webrtc-datachannel", "http")],
  ["too many lines", dataChannelSdp() + "a=x\r\n".repeat(64)],
  ["a line too long", `${dataChannelSdp()}a=x:${"y".repeat(600)}\r\n`],
])("%s is refused", (_, sdp) => {
  expect(offer(sdp)).toEqual(refused);
});

test("lines that are not understood do not pass, however they are named", () => {
  const more = "a=note:call me\r\nb=AS:9\r\nu=http://a\r\na=constructor:x\r\na=__proto__:x\r\n";
  expect(sdpOf(offer(dataChannelSdp() + more))).toBe(sdpOf(offer(dataChannelSdp())));
});

test("of a description's candidates ten pass", () => {
  const many = Array.from({ length: 30 }, (_, i) => own.replace(":1", `:${i}`));
  const admitted = offer(dataChannelSdp(many));
  expect(admitted).toMatchObject({ candidateCount: candidateCountMax });
  expect(sdpOf(admitted).match(/a=candidate/g)).toHaveLength(candidateCountMax);
});

test("a trickled candidate passes if it may, an empty one ends them, another is refused", () => {
  const send = (candidate: string, mid = "0") =>
    admitSignal({ type: "candidate", candidate, mid }, sender);
  expect(send(own)).toEqual({
    ok: true,
    signal: { type: "candidate", candidate: own, mid: "0" },
    candidateCount: 1,
  });
  expect(send("")).toMatchObject({ ok: true, candidateCount: 0 });
  expect(send(foreign)).toEqual({ ok: false, reason: "candidate" });
  expect(send(own, "call me, Al")).toEqual({ ok: false, reason: "candidate" });
});
