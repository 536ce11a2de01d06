/** The admin port of the emulator, on loopback: its counts, and a new start of those of lateness. */
import { createServer } from "node:http";
import { listenOn } from "../../src/node/listen.ts";
import type { LinkStatus } from "./link-counts.ts";

export interface LinkAdmin {
  port: number;
  close(): Promise<void>;
}

/** Answers GET /status and POST /reset, both with the status; what was counted before a reset. */
export async function startLinkAdmin(links: {
  status(): LinkStatus;
  resetLateness(): void;
}): Promise<LinkAdmin> {
  const server = createServer((request, response) => {
    const asked = `${request.method ?? ""} ${request.url ?? ""}`;
    if (asked !== "GET /status" && asked !== "POST /reset") {
      response.writeHead(404).end("There are GET /status and POST /reset.\n");
      return;
    }
    const status = links.status();
    if (asked === "POST /reset") links.resetLateness();
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(status));
  });
  const port = await listenOn(server, "127.0.0.1:0", { port: "admin" });
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
