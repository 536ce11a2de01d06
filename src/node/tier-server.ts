/**
 * The tier port of an origin or a shield: keep-alive HTTP for child relays only. It checks the
 * shared secret and the method; what is served is the handler's. Never faces viewers.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { AppError } from "../base/errors.ts";
import { isLoopbackHost } from "../config/listen-address.ts";
import { addressOf, listenOn } from "./listen.ts";

/** Header that carries the tiers' shared secret. */
export const tierSecretHeader = "x-tier-secret";

export interface TierServer {
  port: number;
  /** Open now. */
  connectionCount(): number;
  /** Ends held requests and idle connections and stops listening. */
  close(): Promise<void>;
}

/** For metrics. */
export interface TierServerHooks {
  /** A connection came when `connectionCountMax` were open, and was closed. */
  connectionRefused(): void;
  /** A child took nothing of a response for `stallTimeoutMs`: its connection was closed. */
  responseStalled(): void;
}

export type TierHandler = (request: IncomingMessage, response: ServerResponse) => void;

export async function startTierServer(options: {
  listen: string;
  secret: string;
  connectionCountMax: number;
  stallTimeoutMs: number;
  hooks: TierServerHooks;
  handle: TierHandler;
}): Promise<TierServer> {
  const { host } = addressOf(options.listen, "tier");
  if (options.secret === "" && !isLoopbackHost(host)) {
    throw new AppError(
      "TIER_SECRET_MISSING",
      `the tier port ${options.listen} is reachable from other machines: set tier.secret, the same on every node`,
    );
  }
  const secretHash = options.secret === "" ? undefined : sha256(options.secret);
  const server = createServer(
    {
      keepAliveTimeout: 65_000,
      headersTimeout: 10_000,
      requestTimeout: 15_000,
      maxHeaderSize: 16_384,
      noDelay: true,
    },
    (request, response) => {
      watchStall(response, options);
      if (secretHash !== undefined && !secretMatches(request, secretHash)) {
        response.writeHead(403, { "content-type": "text/plain" });
        response.end("This tier port needs the X-Tier-Secret of its tier.secret.\n");
        return;
      }
      options.handle(request, response);
    },
  );
  server.maxConnections = options.connectionCountMax;
  let connectionCount = 0;
  server.on("connection", (socket) => {
    connectionCount += 1;
    socket.once("close", () => (connectionCount -= 1));
  });
  server.on("drop", () => options.hooks.connectionRefused());
  server.setTimeout(options.stallTimeoutMs);
  const port = await listenOn(server, options.listen, { port: "tier" });
  return {
    port,
    connectionCount: () => connectionCount,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Closes the connection of a child that takes nothing of what waits for it. */
function watchStall(
  response: ServerResponse,
  { stallTimeoutMs, hooks }: { stallTimeoutMs: number; hooks: TierServerHooks },
): void {
  response.on("timeout", (socket: Socket) => {
    // Nothing waits for the child: the request is held, or the body's next bytes are still to come.
    if (socket.writableLength === 0) {
      socket.setTimeout(stallTimeoutMs);
      return;
    }
    hooks.responseStalled();
    socket.destroy();
  });
}

function secretMatches(request: IncomingMessage, expected: Uint8Array): boolean {
  const given = request.headers[tierSecretHeader];
  return typeof given === "string" && timingSafeEqual(sha256(given), expected);
}

function sha256(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
