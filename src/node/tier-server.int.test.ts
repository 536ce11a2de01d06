import { once } from "node:events";
import { get, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { startTierServer, type TierHandler, type TierServer } from "./tier-server.ts";

const stallTimeoutMs = 150;

let server: TierServer;
const sockets: Socket[] = [];
const counts = { refused: 0, stalled: 0 };

async function start(handle: TierHandler): Promise<void> {
  Object.assign(counts, { refused: 0, stalled: 0 });
  server = await startTierServer({
    ...{ listen: "127.0.0.1:0", secret: "", connectionCountMax: 2, stallTimeoutMs },
    hooks: {
      connectionRefused: () => counts.refused++,
      responseStalled: () => counts.stalled++,
    },
    handle,
  });
}

/** A connection that has sent a request. */
function ask(): Socket {
  const socket = connect(server.port, "127.0.0.1");
  sockets.push(socket);
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  return socket;
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

test("more connections than allowed are closed and counted, until others go", async () => {
  await start((_, response) => response.end("here"));
  const first = ask();
  const second = ask();
  await Promise.all([once(first, "data"), once(second, "data")]);
  const third = ask();
  // A reset is an end too.
  third.on("error", () => undefined);
  await once(third, "close");
  expect(third.bytesRead).toBe(0);
  expect(counts).toEqual({ refused: 1, stalled: 0 });
  first.end();
  await once(first, "close");
  await once(ask(), "data");
  expect(counts.refused).toBe(1);
});

test("a child that takes nothing of its response is cut off and counted", async () => {
  const body = Buffer.alloc(64_000_000);
  const responses: ServerResponse[] = [];
  await start((_, response) => {
    responses.push(response);
    response.end(body);
  });
  const socket = ask();
  await once(socket, "readable");
  const [response] = responses;
  if (!response!.closed) await once(response!, "close");
  expect(counts).toEqual({ refused: 0, stalled: 1 });
});

test("a held request, and a body whose rest is late, are no stalls", async () => {
  await start((_, response) => {
    setTimeout(() => response.write("first "), 3 * stallTimeoutMs);
    setTimeout(() => response.end("then"), 6 * stallTimeoutMs);
  });
  const [response] = (await once(get({ port: server.port }), "response")) as [IncomingMessage];
  expect(await text(response)).toBe("first then");
  expect(counts.stalled).toBe(0);
});
