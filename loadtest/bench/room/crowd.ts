/**
 * The process of a room's viewers: does what is posted to it (`/join`, `/say`, `/forget`, `/arrivals`,
 * `/read`, `/leave`, with JSON), and prints the port at which it listens.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { CrowdSockets, type CrowdTarget } from "./crowd-sockets.ts";

const crowd = new CrowdSockets();

const calls: Record<string, (body: never) => unknown> = {
  "/join": (target: CrowdTarget) => crowd.join(target),
  "/say": ({ text }: { text: string }) => crowd.say(text),
  "/forget": () => crowd.forget(),
  "/arrivals": ({ mark }: { mark: string }) => crowd.arrivals(mark),
  "/read": ({ messageCount }: { messageCount: number }) => crowd.readAll(messageCount),
  "/leave": () => crowd.leave(),
};

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return JSON.parse(Buffer.concat(pieces).toString());
}

const server = createServer((request, response) => {
  void (async () => {
    try {
      const result = await calls[request.url ?? ""]!((await bodyOf(request)) as never);
      response.end(JSON.stringify(result ?? null));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  })();
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
