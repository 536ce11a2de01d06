/**
 * Fuzz target: signalling as anybody may send it. What passes names no address but the sender's own
 * and, as relayed, the TURN server's, is within bounds, and passes again unchanged.
 */
import { assert } from "../base/assert.ts";
import { admitSignal, candidateCountMax } from "./admit-signal.ts";

export const name = "signal";

export const dictionary = [
  "v=0\r\n",
  "o=- 1 1 IN IP4 127.0.0.1\r\n",
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n",
  "a=candidate:1 1 udp 1 203.0.113.7 5000 typ host\r\n",
  "a=candidate:1 1 udp 1 192.168.1.5 5000 typ host\r\n",
  " raddr 192.168.1.5 rport 9",
  " tcptype active",
  " ufrag abcd",
  "typ srflx",
  "typ relay",
  "a=candidate:1 1 udp 1 198.51.100.9 5000 typ relay\r\n",
  "a=ice-ufrag:Lta1\r\n",
  "a=ice-pwd:dcJ5j0pqxjthl4OCh9We/ztr\r\n",
  "a=setup:actpass\r\n",
  "::ffff:203.0.113.7",
  "::ffff:cb00:7107",
  ".local",
];

const relay = "198.51.100.9";
const sender = { address: "203.0.113.7", isRelay: (address: string) => address === relay };
/** The sender's own, and names that say nothing. */
const passableAddresses = /^(203\.0\.113\.7|[0-9a-f-]{36}\.local)$/i;

export function fuzz(data: Uint8Array): void {
  const text = String.fromCharCode(...data.subarray(0, 16_384));
  for (const type of ["offer", "answer"] as const) {
    const admitted = admitSignal({ type, sdp: text }, sender);
    if (!admitted.ok || admitted.signal.type === "candidate") continue;
    const { sdp } = admitted.signal;
    const candidates = sdp.match(/^a=candidate:.*$/gm) ?? [];
    assert(candidates.length === admitted.candidateCount, "candidates are counted");
    assert(candidates.length <= candidateCountMax, "candidates are bounded");
    for (const candidate of candidates) checkCandidate(candidate.slice(2));
    const again = admitSignal(admitted.signal, sender);
    assert(
      again.ok && JSON.stringify(again) === JSON.stringify(admitted),
      "passes again unchanged",
    );
    assert(sdp.match(/^m=/gm)?.length === 1, "there is one channel");
  }
  const trickled = admitSignal({ type: "candidate", candidate: text, mid: "0" }, sender);
  if (!trickled.ok || trickled.signal.type !== "candidate" || text === "") return;
  checkCandidate(trickled.signal.candidate);
}

function checkCandidate(candidate: string): void {
  assert(!/[\r\n]/.test(candidate), "a candidate is one line");
  const [, , , , address = "", , , type] = candidate.split(" ");
  const mayPass = type === "relay" ? address === relay : passableAddresses.test(address);
  assert(mayPass, "no address but the sender's own and the TURN server's passes");
  const related = /raddr (\S+) rport (\S+)/.exec(candidate);
  assert(related === null || /^(0\.0\.0\.0|::)$/.test(related[1]!), "related addresses are blank");
}
