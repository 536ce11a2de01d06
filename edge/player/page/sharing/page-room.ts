/**
 * The page's room: one WebSocket to whatever edge answers this page's address, kept open while the
 * page is shown and there is a network.
 */
import { RoomClient } from "../../../../src/swarm/room-client.ts";
import type { ClientPorts, OpenRoomSocket } from "../../../../src/swarm/client-ports.ts";

export const pagePorts: ClientPorts = {
  nowMs: () => performance.now(),
  random: () => Math.random(),
  later: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** `url` is relative to the page. Nothing is opened yet. */
export function createPageRoom({ url, sid }: { url: string; sid: string }): RoomClient {
  const room = new RoomClient({
    ports: pagePorts,
    open: (events) => openSocket(`${url}?sid=${sid}`, events),
  });
  if (!navigator.onLine) room.goOffline();
  addEventListener("online", () => room.goOnline());
  addEventListener("offline", () => room.goOffline());
  return room;
}

function openSocket(
  url: string,
  events: Parameters<OpenRoomSocket>[0],
): ReturnType<OpenRoomSocket> {
  // Browsers take relative addresses and http: here only since about 2024.
  const address = new URL(url, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  let socket: WebSocket;
  try {
    socket = new WebSocket(address);
  } catch {
    // Forbidden by a policy: as good as an edge that never answers.
    queueMicrotask(() => events.closed());
    return { send: () => undefined, close: () => undefined };
  }
  socket.onclose = ({ reason }) => events.closed(reason);
  socket.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (typeof data === "string") events.message(data);
  };
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => socket.close(),
  };
}
