/**
 * What an edge passes on of a viewer's signalling: descriptions of one data channel and candidates,
 * nothing else that SDP could carry. A description is written anew from the lines that were
 * understood (RFC 8866, RFC 8841), so that neither addresses nor messages travel in the others.
 */
import { passableCandidate, type SignalSender } from "./candidate-filter.ts";
import type { Signal } from "./room-messages.ts";

/** Candidates that a viewer may send to one peer for one description. */
export const candidateCountMax = 10;

/** `sdp`: no description of one data channel. `candidate`: none that may be passed on. */
export const signalRefusals = ["sdp", "candidate"] as const;
export type SignalRefusal = (typeof signalRefusals)[number];

export type AdmittedSignal =
  /** `candidateCount`: of those that pass, at most `candidateCountMax`; the caller adds them up. */
  | { ok: true; signal: Signal; candidateCount: number }
  /** No fault of the viewer's where it is a candidate: browsers offer all that they find. */
  | { ok: false; reason: SignalRefusal };

/** The signal as it may be passed on, or why not. */
export function admitSignal(signal: Signal, sender: SignalSender): AdmittedSignal {
  if (signal.type === "candidate") return admitCandidate(signal, sender);
  const description = writeDescription(signal.sdp, sender);
  if (description === undefined) return { ok: false, reason: "sdp" };
  const { sdp, candidateCount } = description;
  return { ok: true, signal: { type: signal.type, sdp }, candidateCount };
}

const mediaId = /^[A-Za-z0-9_-]{0,16}$/;

function admitCandidate(
  { candidate, mid }: Extract<Signal, { type: "candidate" }>,
  sender: SignalSender,
): AdmittedSignal {
  if (!mediaId.test(mid)) return { ok: false, reason: "candidate" };
  const passed = candidate === "" ? "" : passableCandidate(candidate, sender);
  if (passed === undefined) return { ok: false, reason: "candidate" };
  const candidateCount = passed === "" ? 0 : 1;
  return { ok: true, signal: { type: "candidate", candidate: passed, mid }, candidateCount };
}

/** What browsers and libdatachannel write has about 20 lines of at most 120. */
const lineCountMax = 64;
const lineCharsMax = 512;

const originLine = /^o=\S{1,64} (\d{1,20}) (\d{1,20}) IN IP[46] \S{1,64}$/;
const mediaLine = /^m=application \d{1,5} (UDP|TCP)\/DTLS\/SCTP webrtc-datachannel$/;

/** Attributes that a data channel takes, and what their values look like; others are left out. */
const attributes: Readonly<Record<string, RegExp>> = {
  group: /^BUNDLE [A-Za-z0-9_-]{1,16}$/,
  "ice-options": /^[a-z0-9 ,-]{1,64}$/,
  "ice-ufrag": /^[A-Za-z0-9+/]{4,256}$/,
  "ice-pwd": /^[A-Za-z0-9+/]{22,256}$/,
  fingerprint: /^sha-(256|384|512) [0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){31,63}$/i,
  setup: /^(actpass|active|passive)$/,
  mid: /^[A-Za-z0-9_-]{1,16}$/,
  "sctp-port": /^\d{1,5}$/,
  "max-message-size": /^\d{1,10}$/,
  "end-of-candidates": /^$/,
};
const required = ["ice-ufrag", "ice-pwd", "fingerprint", "setup"];

function writeDescription(sdp: string, sender: SignalSender) {
  const lines = sdp.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  if (lines.length > lineCountMax || lines.some((line) => line.length > lineCharsMax)) {
    return undefined;
  }
  const origin = lines.map((line) => originLine.exec(line)).find((match) => match !== null);
  const mediaIndex = lines.findIndex((line) => line.startsWith("m="));
  const media = mediaLine.exec(lines[mediaIndex] ?? "");
  const mediaCount = lines.filter((line) => line.startsWith("m=")).length;
  if (lines[0] !== "v=0" || !origin || media === null || mediaCount !== 1) return undefined;
  const session = writeAttributes(lines.slice(1, mediaIndex), sender);
  const channel = writeAttributes(lines.slice(mediaIndex + 1), sender);
  if (session === undefined || channel === undefined) return undefined;
  const names = new Set([...session.names, ...channel.names]);
  if (!required.every((name) => names.has(name))) return undefined;
  // Both hold the sender's address once it is known; whoever receives goes by the candidates.
  const written = [
    "v=0",
    `o=- ${origin[1]} ${origin[2]} IN IP4 127.0.0.1`,
    "s=-",
    "t=0 0",
    ...session.lines,
    `m=application 9 ${media[1]}/DTLS/SCTP webrtc-datachannel`,
    "c=IN IP4 0.0.0.0",
    ...channel.lines,
    ...channel.candidates.map((candidate) => `a=${candidate}`),
  ];
  return { sdp: `${written.join("\r\n")}\r\n`, candidateCount: channel.candidates.length };
}

/** Undefined when a known attribute has a value that it cannot have, or stands there twice. */
function writeAttributes(lines: readonly string[], sender: SignalSender) {
  const written: string[] = [];
  const candidates: string[] = [];
  const names = new Set<string>();
  for (const line of lines) {
    if (!line.startsWith("a=")) continue;
    if (line.startsWith("a=candidate:")) {
      const candidate = passableCandidate(line.slice(2), sender);
      if (candidate !== undefined) candidates.push(candidate);
      continue;
    }
    const colon = line.indexOf(":");
    const name = line.slice(2, colon === -1 ? undefined : colon);
    const form = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (form === undefined) continue;
    if (names.has(name) || !form.test(colon === -1 ? "" : line.slice(colon + 1))) return undefined;
    names.add(name);
    written.push(line);
  }
  candidates.length = Math.min(candidates.length, candidateCountMax);
  return { lines: written, candidates, names };
}
