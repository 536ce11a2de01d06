import { cleanup } from "node-datachannel";
import { RTCPeerConnection } from "node-datachannel/polyfill";
import { afterAll, expect, test } from "vitest";
import { admitSignal, type AdmittedSignal } from "./admit-signal.ts";
import type { SignalSender } from "./candidate-filter.ts";
import type { RtcConnection } from "./client-ports.ts";
import type { Signal } from "./room-messages.ts";

afterAll(() => cleanup());

const bindAddress = "127.0.0.1";

/** The polyfill as the part of the standard's interface that is in use. */
function openConnection(): RtcConnection {
  const options: object = { iceServers: [], bindAddress };
  return new RTCPeerConnection(options) as unknown as RtcConnection;
}

/** Two peers whose signalling goes through the filter; resolves with what arrives, or never. */
async function call(sender: SignalSender) {
  const [caller, called] = [openConnection(), openConnection()];
  const admitted: AdmittedSignal[] = [];
  const pass = (signal: Signal): Signal | undefined => {
    const result = admitSignal(signal, sender);
    admitted.push(result);
    return result.ok ? result.signal : undefined;
  };
  const trickle = (from: RtcConnection, to: RtcConnection): void => {
    from.onicecandidate = ({ candidate }) => {
      if (candidate === null) return;
      const text = candidate.candidate.replace(/^a=/, "");
      const signal = pass({ type: "candidate", candidate: text, mid: candidate.sdpMid ?? "0" });
      if (signal?.type === "candidate") {
        void to.addIceCandidate({ candidate: signal.candidate, sdpMid: signal.mid });
      }
    };
  };
  const arrived = new Promise<string>((resolve) => {
    called.ondatachannel = ({ channel }) => {
      channel.onmessage = ({ data }) => resolve(typeof data === "string" ? data : "bytes");
    };
  });
  const channel = caller.createDataChannel("segments", { ordered: true });
  channel.onopen = () => channel.send("hello");
  trickle(caller, called);
  trickle(called, caller);
  const describe = async (from: RtcConnection, to: RtcConnection): Promise<void> => {
    const made = from === caller ? await from.createOffer() : await from.createAnswer();
    await from.setLocalDescription(made);
    const signal = pass({ type: made.type, sdp: made.sdp });
    if (signal === undefined || signal.type === "candidate") throw new Error("refused");
    await to.setRemoteDescription({ type: signal.type, sdp: signal.sdp });
  };
  await describe(caller, called);
  await describe(called, caller);
  const close = () => [caller, called].forEach((peer) => peer.close());
  return { arrived, admitted, close };
}

test("two peers connect by what passes the filter", async () => {
  const { arrived, admitted, close } = await call({ address: bindAddress, isRelay: () => false });
  expect(await arrived).toBe("hello");
  expect(admitted.every(({ ok }) => ok)).toBe(true);
  close();
});

test("of peers that come from another address no candidate passes", async () => {
  const { admitted, close } = await call({ address: "203.0.113.7", isRelay: () => false });
  await expect
    .poll(() => admitted.filter((signal) => !signal.ok && signal.reason === "candidate").length)
    .toBeGreaterThanOrEqual(2);
  const passed = admitted.map((signal) => (signal.ok ? signal.candidateCount : 0));
  expect(Math.max(...passed)).toBe(0);
  close();
});
