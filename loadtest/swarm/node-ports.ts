/**
 * What the swarm's client needs of its surroundings, in Node: WebRTC by node-datachannel on the
 * loopback, the room's WebSocket and segments by undici. Faults and uplinks are put around it by
 * whoever wants them.
 */
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { cleanup } from "node-datachannel";
import { RTCPeerConnection } from "node-datachannel/polyfill";
import { request, WebSocket } from "undici";
import { emptyPath, formatPath } from "../../src/hls/path.ts";
import type { OpenRoomSocket, RtcConnection, SwarmPorts } from "../../src/swarm/client-ports.ts";
import type { IceServer } from "../../src/swarm/policy.ts";

/** As in the page: a fetch that brings nothing for so long has failed. */
const silenceMsMax = 10_000;

export interface NodePorts {
  ports: SwarmPorts;
  openRoom: OpenRoomSocket;
  /** The body at a path of the edge, or null when it did not come whole. */
  fetchBytes(path: string): Promise<Uint8Array | null>;
}

export function nodePorts(options: {
  /** Such as `http://127.0.0.1:8080`. */
  edgeUrl: string;
  feed: string;
  /** Session of the room; none by default. */
  sid?: string;
}): NodePorts {
  const { edgeUrl, feed, sid } = options;
  const query = sid === undefined ? "" : `?sid=${sid}`;
  const roomUrl = `${edgeUrl.replace(/^http/, "ws")}${formatPath({ ...emptyPath("room"), feed })}${query}`;
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
      fetchSegment: (id, events) => {
        const controller = new AbortController();
        const { signal } = controller;
        const url = `${edgeUrl}${formatPath({ ...emptyPath("segment"), feed, ...id })}`;
        const loaded = (bytes: number): void => {
          if (!signal.aborted) events.progress(bytes);
        };
        void fetchBody(url, { signal, loaded }).then((bytes) => {
          if (!signal.aborted) events.end(bytes);
        });
        return () => controller.abort();
      },
    },
    openRoom: (events) => openSocket(roomUrl, events),
    fetchBytes: (path) => fetchBody(`${edgeUrl}${path}`),
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

async function fetchBody(
  url: string,
  options: { signal?: AbortSignal; loaded?: (bytes: number) => void } = {},
): Promise<Uint8Array | null> {
  try {
    const { statusCode, body } = await request(url, {
      headersTimeout: silenceMsMax,
      bodyTimeout: silenceMsMax,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const pieces: Uint8Array[] = [];
    let loadedBytes = 0;
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      pieces.push(piece);
      loadedBytes += piece.length;
      options.loaded?.(loadedBytes);
    }
    return statusCode === 200 ? Buffer.concat(pieces) : null;
  } catch {
    // Refused, cut, too slow or given up: all of them bring nothing.
    return null;
  }
}
