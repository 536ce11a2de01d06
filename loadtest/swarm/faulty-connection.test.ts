import { expect, test } from "vitest";
import type { RtcChannel, RtcConnection } from "../../src/swarm/client-ports.ts";
import { writePeerMessage } from "../../src/swarm/write-peer-message.ts";
import { lying, stalling, withoutPath } from "./faulty-connection.ts";

type Payload = Parameters<RtcChannel["send"]>[0];

/** A channel that remembers what was sent. */
function recorded(): { channel: RtcChannel; sent: Payload[] } {
  const sent: Payload[] = [];
  const channel: RtcChannel = {
    readyState: "open",
    bufferedAmount: 0,
    bufferedAmountLowThreshold: 0,
    binaryType: "arraybuffer",
    onopen: null,
    onclose: null,
    onmessage: null,
    onbufferedamountlow: null,
    send: (data) => void sent.push(data),
    close: () => undefined,
  };
  return { channel, sent };
}

const chunk = (transfer: number, offsetBytes: number): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array([1, 2, 3]);
  const message = writePeerMessage({ kind: "chunk", transfer, offsetBytes, bytes });
  if (typeof message === "string") throw new Error("a chunk is binary");
  return message;
};
const have = writePeerMessage({ kind: "have", segments: [{ rung: 360, epoch: 1, msn: 7 }] });

test("a liar says what is so, sends other media, and counts segments rather than pieces", () => {
  const { channel, sent } = recorded();
  let lieCount = 0;
  const liar = lying(channel, () => lieCount++);
  const right = chunk(1, 0);
  for (const data of [have, right, chunk(1, 3), chunk(2, 0)]) liar.send(data);
  expect(sent).toHaveLength(4);
  expect(sent[0]).toBe(have);
  const wrong = sent[1] as Uint8Array;
  expect(Array.from(wrong)).toEqual([...right.slice(0, -1), 3 ^ 0xff]);
  expect(lieCount).toBe(2);
});

test("a staller begins each segment and ends none; its channel is otherwise the channel", () => {
  const { channel, sent } = recorded();
  const staller = stalling(channel);
  for (const data of [have, chunk(1, 0), chunk(1, 3), chunk(2, 0), chunk(2, 3)]) staller.send(data);
  expect(sent).toEqual([have, chunk(1, 0), chunk(2, 0)]);
  const heard = (): void => undefined;
  staller.onopen = heard;
  expect(channel.onopen).toBe(heard);
  expect(staller.readyState).toBe("open");
});

test("without a path neither side learns of an address of the other", async () => {
  const added: unknown[] = [];
  const sdp = "v=0\r\na=candidate:1 1 UDP 1 127.0.0.1 9 typ host\r\na=mid:0\r\n";
  const described: string[] = [];
  const inner: RtcConnection = {
    connectionState: "new",
    onicecandidate: null,
    ondatachannel: null,
    onconnectionstatechange: null,
    createDataChannel: () => recorded().channel,
    createOffer: () => Promise.resolve({ type: "offer", sdp }),
    createAnswer: () => Promise.resolve({ type: "answer", sdp }),
    setLocalDescription: () => Promise.resolve(),
    setRemoteDescription: (description) => {
      described.push(description.sdp);
      return Promise.resolve();
    },
    addIceCandidate: (candidate) => {
      added.push(candidate);
      return Promise.resolve();
    },
    close: () => undefined,
  };
  const pathless = withoutPath(inner);
  const found: unknown[] = [];
  pathless.onicecandidate = ({ candidate }) => found.push(candidate);
  inner.onicecandidate!({ candidate: { candidate: "candidate:1", sdpMid: "0" } });
  inner.onicecandidate!({ candidate: null });
  await pathless.addIceCandidate({ candidate: "candidate:2", sdpMid: "0" });
  await pathless.setRemoteDescription({ type: "answer", sdp });
  expect([found, added]).toEqual([[null], []]);
  const bare = "v=0\r\na=mid:0\r\n";
  expect([(await pathless.createOffer()).sdp, described]).toEqual([bare, [bare]]);
});
