/**
 * What the swarm's client needs of its surroundings, in Node: WebRTC by node-datachannel on the
 * loopback, the room's WebSocket by undici, segments by edge-http.ts. Faults and uplinks are put
 * around it by whoever wants them.
 */
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { cleanup } from "node-datachannel";
import { RTCPeerConnection } from "node-datachannel/polyfill";
import { WebSocket } from "undici";
import { emptyPath, formatPath } from "../../src/hls/path.ts";
import type { OpenRoomSocket, RtcConnection, SwarmPorts } from "../../src/swarm/client-ports.ts";
import type { IceServer } from "../../src/swarm/policy.ts";
import type { SegmentId } from "../../src/swarm/segment.ts";
import type { EdgeHttp } from "./edge-http.ts";

export function nodePorts(options: {
  http: EdgeHttp;
  feed: string;
  /** Learns what each fetch of a segment took, whether it came whole or not. */
  spent?: (id: SegmentId, bytes: number) => void;
}): { ports: SwarmPorts; openRoom: OpenRoomSocket } {
  const { http, feed, spent } = options;
  const roomUrl = `${http.url.replace(/^http/, "ws")}${formatPath({ ...emptyPath("room"), feed })}`;
  return {
    ports: {
      nowMs: () => performance.now(),
      random: () => Math.random(),
      later: (delayMs, run) => {
        const timer = setTimeout(run, delayMs);
        return () => clearTimeout(timer);
      },
      createConnection,
      sha256: (bytes) => Promise.resolve(createHash("sha256").update(bytes).digest("hex")),
      fetchSegment: http.fetchSegment(feed, spent),
    },
    openRoom: (events) => openSocket(roomUrl, events),
  };
}

/** To be called once, at the end of a process that made connections: it would not end otherwise. */
export function closeWebRtc(): void {
  cleanup();
}

/**
 * libdatachannel drops what a peer sends before it has the peer's answer, so a handshake begun by
 * then is repeated a second later (measured: 1,005 ms instead of 6 to 30). So whoever answers does
 * not look for the caller before the answer has had time to get there.
 */
const answerTravelMs = 100;

function createConnection(iceServers: readonly IceServer[]): RtcConnection {
  const peer = new RTCPeerConnection({
    iceServers: iceServers.map(({ url, username, credential }) => ({
      urls: url,
      ...(username === "" ? {} : { username, credential }),
    })),
    bindAddress: "127.0.0.1",
  } as ConstructorParameters<typeof RTCPeerConnection>[0]);
  // Its handlers are typed for the DOM, which is not there; what is used of them is the same.
  const connection = peer as unknown as RtcConnection;
  const setRemote = connection.setRemoteDescription.bind(connection);
  const addCandidate = connection.addIceCandidate.bind(connection);
  let travelled = Promise.resolve();
  connection.setRemoteDescription = async (description) => {
    await setRemote(description);
    if (description.type === "offer") travelled = delay(answerTravelMs);
  };
  connection.addIceCandidate = (candidate) => {
    void travelled.then(() => addCandidate(candidate)).catch(() => undefined);
    return Promise.resolve();
  };
  return connection;
}

function openSocket(
  url: string,
  events: Parameters<OpenRoomSocket>[0],
): ReturnType<OpenRoomSocket> {
  const socket = new WebSocket(url);
  socket.addEventListener("message", ({ data }) => {
    if (typeof data === "string") events.message(data);
  });
  socket.addEventListener("close", ({ reason }) => events.closed(reason));
  // `close` follows it.
  socket.addEventListener("error", () => undefined);
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => socket.close(),
  };
}
