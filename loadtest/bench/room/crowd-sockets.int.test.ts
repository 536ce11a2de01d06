import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, expect, test } from "vitest";
import { bareRoom, type Contender } from "./contenders.ts";
import { CrowdSockets } from "./crowd-sockets.ts";

let room: Contender | undefined;
const crowd = new CrowdSockets({ waitMsMax: 300 });

afterEach(async () => {
  crowd.leave();
  await room?.program.stop();
});

test.each(["ws", "uws"] as const)(
  "a crowd at the bare room on %s knows who was told what, and when",
  async (name) => {
    room = await bareRoom(name)();
    const { port, path } = room;
    await crowd.join({ port, path, count: 120 });
    for (let count = 1; count <= 3; count++) {
      const startUnixMs = performance.timeOrigin + performance.now();
      const times = await crowd.arrivals(await room.tell());
      expect(times).toHaveLength(3);
      expect(Math.min(...times)).toBeGreaterThanOrEqual(startUnixMs);
    }
    await crowd.readAll(4);
    await expect(crowd.readAll(5)).rejects.toThrow("some had fewer than 5 messages");
    await expect(crowd.arrivals("no such message")).rejects.toThrow("few had no such message");
  },
);

test("a crowd that is not let in says so, and why", async () => {
  const full = createServer();
  const answered: Duplex[] = [];
  full.on("upgrade", (_request, socket) => {
    // It stays open, as a connection that may ask for something else.
    socket.on("error", () => undefined).write("HTTP/1.1 503 Full\r\n\r\n");
    answered.push(socket);
  });
  await new Promise<void>((resolve) => full.listen(0, "127.0.0.1", resolve));
  const { port } = full.address() as AddressInfo;
  const join = (): Promise<void> => crowd.join({ port, path: "/", count: 1 });
  await expect(join()).rejects.toThrow("not let in: HTTP/1.1 503 Full");
  for (const socket of answered) socket.destroy();
  await new Promise((resolve) => full.close(resolve));
  await expect(join()).rejects.toThrow("ECONNREFUSED");
});
