/** The emulator's real program between real sockets. Times have the tolerance of a busy machine. */
import { createServer, Agent, get, type IncomingMessage } from "node:http";
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { startLinks, type StartedLinks } from "./testing/started-links.ts";
import type { LinkPlan } from "./plan.ts";

async function links(plan: Partial<LinkPlan>): Promise<StartedLinks> {
  const started = await startLinks(plan);
  onTestFinished(async () => {
    await started.stop();
  });
  return started;
}

/** An edge that answers /N with N bytes. */
async function edge(): Promise<string> {
  const server = createServer((request, response) => {
    response.end(Buffer.alloc(Number(request.url!.slice(1)), "x"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Download {
  bytes: number;
  firstByteMs: number;
  totalMs: number;
}

function download(port: number, bytes: number, agent?: Agent): Promise<Download> {
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const url = `http://127.0.0.1:${port}/${bytes}`;
    get(url, { ...(agent && { agent }) }, (response: IncomingMessage) => {
      const firstByteMs = performance.now() - startMs;
      let got = 0;
      response.on("data", (chunk: Buffer) => (got += chunk.length));
      response.on("end", () => {
        resolve({ bytes: got, firstByteMs, totalMs: performance.now() - startMs });
      });
      response.on("error", reject);
    }).on("error", reject);
  });
}

function keepAlive(): Agent {
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  return agent;
}

/** 4 %, and what a busy machine may add to the last byte. */
function expectMs(actualMs: number, wantedMs: number): void {
  expect(actualMs).toBeGreaterThan(wantedMs * 0.99);
  expect(actualMs).toBeLessThan(wantedMs * 1.04 + 100);
}

test("150 kB over 600 kbps take 2 s and a round trip, and one more where the connection is new", async () => {
  const { port, status, readyFile, ready } = await links({ edges: [await edge()] });
  expect(readyFile).toEqual({ ready });
  const agent = keepAlive();
  const first = await download(port(), 150_000, agent);
  expect(first.bytes).toBe(150_000);
  expectMs(first.totalMs, 2_160);
  expectMs(first.firstByteMs, 160);
  const second = await download(port(), 150_000, agent);
  expectMs(second.totalMs, 2_080);
  expectMs(second.firstByteMs, 80);
  const { bytes, connections, lateness } = await status();
  expect(connections).toEqual({ open: 1, total: 1, refused: 0, edgeFailed: 0 });
  expect(bytes.fromEdges).toBe(bytes.toViewers);
  expect(bytes.toViewers).toBeGreaterThan(300_000);
  expect(lateness.pieces).toBeGreaterThan(30);
});

test("50 connections at once have the rates of their classes each", async () => {
  const classes = [{ kbps: 300 }, { kbps: 700 }, { kbps: 2_000 }];
  const { port } = await links({ edges: [await edge()], classes, rttMs: 0 });
  await Promise.all(
    Array.from({ length: 50 }, async (_, n) => {
      const { kbps } = classes[n % 3]!;
      const { totalMs } = await download(port(0, n % 3), kbps * 200);
      expectMs(totalMs, 1_600);
    }),
  );
});

test("a shared uplink halves what two connections get, and the other edge's is its own", async () => {
  const address = await edge();
  const { port } = await links({ edges: [address, address], rttMs: 0, sharedKbpsPerEdge: 600 });
  const [one, other, alone] = await Promise.all([
    download(port(0), 75_000),
    download(port(0), 75_000),
    download(port(1), 75_000),
  ]);
  expectMs(one.totalMs, 2_000);
  expectMs(other.totalMs, 2_000);
  expectMs(alone.totalMs, 1_000);
});

test("paths that vary carry their mean, each with rates of its own", async () => {
  const noise = { logSigma: 0.3, correlationSec: 0.1, stepMs: 50 };
  const { port } = await links({ edges: [await edge()], rttMs: 0, noise });
  const downloads = await Promise.all(Array.from({ length: 40 }, () => download(port(), 150_000)));
  const times = downloads.map(({ totalMs }) => totalMs);
  const meanMs = times.reduce((sum, one) => sum + one, 0) / times.length;
  // The mean of e to a normal number is e to half its variance.
  const ratio = meanMs / (2_000 / Math.exp(0.3 ** 2 / 2));
  expect(ratio).toBeGreaterThan(0.95);
  // 40 clients on a machine that is busy read late, and never early.
  expect(ratio).toBeLessThan(1.15);
  expect(Math.max(...times) / Math.min(...times)).toBeGreaterThan(1.15);
});

function open(port: number): Socket {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  return socket;
}

function ending(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    socket.on("end", () => resolve("end"));
    socket.resume();
  });
}

test("an edge that is down resets its viewers, and nothing of them is kept", async () => {
  const { port, until } = await links({ edges: ["127.0.0.1:9"] });
  expect(await ending(open(port()))).toBe("ECONNRESET");
  const { connections } = await until((status) => status.connections.open === 0);
  expect(connections).toMatchObject({ total: 1, edgeFailed: 1 });
});

/** An edge of which the test has the sockets. */
async function rawEdge(onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    onSocket(socket.on("error", () => undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("an edge that breaks off within a body resets its viewers at once", async () => {
  const address = await rawEdge((socket) => {
    socket.once("data", () => {
      socket.write(Buffer.alloc(60_000), () => setTimeout(() => socket.resetAndDestroy(), 100));
    });
  });
  const { port, until } = await links({ edges: [address] });
  const socket = open(port());
  socket.write("x");
  expect(await ending(socket)).toBe("ECONNRESET");
  const { bytes, connections } = await until((status) => status.connections.open === 0);
  expect(connections.edgeFailed).toBe(1);
  expect(bytes.waiting).toBe(0);
  expect(bytes.dropped).toBeGreaterThan(40_000);
});

test("a viewer that goes away within a body leaves nothing behind, and the edge is told", async () => {
  let edgeEnded: (how: string) => void;
  const ended = new Promise<string>((resolve) => (edgeEnded = resolve));
  const address = await rawEdge((socket) => {
    socket.write(Buffer.alloc(1_000_000));
    void ending(socket).then((how) => edgeEnded(how));
  });
  const { port, until } = await links({ edges: [address] });
  const socket = open(port());
  // No more than 256 kB and what is read at once wait, though the edge has sent a million.
  await until(({ bytes }) => bytes.waiting > 262_144);
  socket.resetAndDestroy();
  expect(await ended).toBe("ECONNRESET");
  const { bytes } = await until((status) => status.connections.open === 0);
  expect(bytes.fromEdges).toBeLessThan(400_000);
  expect(bytes.waiting).toBe(0);
  expect(bytes.dropped + bytes.toViewers).toBe(bytes.fromEdges);
});

test("half-closes pass both ways, after the bytes before them", async () => {
  const address = await rawEdge((socket) => {
    let got = 0;
    socket.on("data", (bytes) => (got += bytes.length));
    socket.on("end", () => socket.end(`got ${got}`.padEnd(30_000)));
  });
  const { port, until } = await links({ edges: [address], classes: [{ kbps: 2_000 }] });
  const socket = open(port());
  let answer = "";
  socket.setEncoding("utf8").on("data", (text: string) => (answer += text));
  socket.end(Buffer.alloc(5_000));
  expect(await ending(socket)).toBe("end");
  expect(answer).toBe("got 5000".padEnd(30_000));
  await until((status) => status.connections.open === 0);
});

test("a viewer that does not read stops its link, and gets everything when it reads again", async () => {
  const whole = 12_000_000;
  const address = await rawEdge((socket) => socket.end(Buffer.alloc(whole)));
  const { port, until } = await links({ edges: [address], classes: [{ kbps: 1_000_000 }] });
  const socket = open(port());
  let [before, sentBytes] = [-1, 0];
  // It stands still when the system's buffers are full: twice the same count, above nothing.
  await until(({ bytes }) => {
    [before, sentBytes] = [sentBytes, bytes.toViewers];
    return sentBytes > 0 && sentBytes === before && bytes.waiting > 131_072;
  });
  let got = 0;
  socket.on("data", (bytes) => (got += bytes.length));
  expect(await ending(socket)).toBe("end");
  expect(got).toBe(whole);
  socket.end();
  await until((status) => status.connections.open === 0);
});

test("connections above the plan's number are reset and counted", async () => {
  const { port, until } = await links({ edges: [await edge()], connectionCountMax: 2 });
  open(port());
  open(port());
  await until(({ connections }) => connections.open === 2);
  expect(await ending(open(port()))).toBe("ECONNRESET");
  await until(({ connections }) => connections.refused === 1 && connections.open === 2);
});

test("it ends well when told to, with connections open, and when its parent is gone", async () => {
  const edges = [await edge()];
  const told = await startLinks({ edges });
  const socket = open(told.port());
  const end = ending(socket);
  await told.until(({ connections }) => connections.open === 1);
  expect(await told.stop()).toBe(0);
  expect(await end).toBe("ECONNRESET");
  const orphan = await startLinks({ edges });
  orphan.abandon();
  expect(await orphan.ended).toBe(0);
});

test.each([
  ["no edges", { edges: [] }, "edges: "],
  ["an edge without a port", { edges: ["here"] }, "edges.0: must be host:port"],
  ["more connections than its ceiling", { connectionCountMax: 1e6 }, "connectionCountMax: "],
])("a plan with %s is refused in words", async (_what, wrong, message) => {
  await expect(startLinks({ edges: ["127.0.0.1:9"], ...wrong })).rejects.toThrow(message);
});
