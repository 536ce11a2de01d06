/**
 * Viewers and an edge at the cost of little more than their sockets, for measuring what stands
 * between them: each viewer asks for a body every so often on one connection, and the edge answers
 * any request with one. Both are in this process.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

export interface BodyTraffic {
  /** From the request to the last byte, ms, of bodies since the last call. */
  takeTimesMs(): number[];
  stop(): void;
}

export interface BodyEdge {
  port: number;
  stop(): void;
}

export async function startBodyEdge(bodyBytes: number): Promise<BodyEdge> {
  const body = Buffer.alloc(bodyBytes);
  const server: Server = createServer({ noDelay: true }, (socket) => {
    socket.on("data", () => socket.write(body)).on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4_096, resolve));
  const { port } = server.address() as AddressInfo;
  return { port, stop: () => void server.close() };
}

/** Viewers come one after the other over one period, so that their requests are spread over it. */
export function startViewers(options: {
  port: number;
  viewerCount: number;
  bodyBytes: number;
  periodMs: number;
}): BodyTraffic {
  const { viewerCount, periodMs } = options;
  const sockets: Socket[] = [];
  let timesMs: number[] = [];
  const startMs = performance.now();
  const timer = setInterval(() => {
    const due = Math.min(viewerCount, ((performance.now() - startMs) / periodMs) * viewerCount);
    while (sockets.length < due) {
      sockets.push(startViewer({ ...options, tookMs: (ms) => timesMs.push(ms) }));
    }
    if (sockets.length === viewerCount) clearInterval(timer);
  }, 5);
  return {
    takeTimesMs: () => {
      const taken = timesMs;
      timesMs = [];
      return taken;
    },
    stop: () => {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
    },
  };
}

const request = Buffer.from("GET / HTTP/1.1\r\n\r\n");
/** Nobody looks at what is read. */
const readInto = Buffer.alloc(65_536);

function startViewer(options: {
  port: number;
  bodyBytes: number;
  periodMs: number;
  tookMs: (ms: number) => void;
}): Socket {
  const { port, bodyBytes, periodMs } = options;
  const firstMs = performance.now();
  let [askedMs, gotBytes, count] = [firstMs, 0, 0];
  const ask = (): void => {
    askedMs = performance.now();
    gotBytes = 0;
    socket.write(request);
  };
  const socket = connect({
    port,
    host: "127.0.0.1",
    noDelay: true,
    onread: {
      buffer: readInto,
      callback: (bytes) => {
        gotBytes += bytes;
        if (gotBytes < bodyBytes) return true;
        const nowMs = performance.now();
        options.tookMs(nowMs - askedMs);
        count += 1;
        setTimeout(ask, Math.max(0, firstMs + count * periodMs - nowMs));
        return true;
      },
    },
  });
  socket.on("error", () => undefined).once("connect", ask);
  return socket;
}
