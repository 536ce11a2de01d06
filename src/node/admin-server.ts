/**
 * The admin port of a program: health, readiness, metrics, the API that the program offers, and the
 * status page. It never serves viewers or tiers. Who may ask is judged in admin-access.ts.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { Logger } from "pino";
import { AppError } from "../base/errors.ts";
import type { Config } from "../config/schema.ts";
import { isPagePath, judgeAdminAsk } from "./admin-access.ts";
import { readJsonText, sayJson } from "./json-exchange.ts";
import { listenOn } from "./listen.ts";
import type { Metrics } from "./metrics.ts";
import { secretInFile } from "./secret-file.ts";
import { StatusPage } from "./status-page/status-page.ts";
import { WrongTokens } from "./wrong-tokens.ts";

/** Name of the token's file in the state folder. */
export const adminTokenFile = "admin-token";

/** Far above any request of the API. */
const bodyBytesMax = 65_536;
/** Operators and one or two scrapers; the rest is refused by the kernel's reset. */
const connectionCountMax = 64;

export interface AdminRequest {
  method: "GET" | "POST";
  query: URLSearchParams;
  /** The JSON of a POST; undefined for GET. */
  body: unknown;
}

/** Answers `/api/{name}` with what it returns, as JSON; an AppError becomes its HTTP status. */
export type AdminHandler = (request: AdminRequest) => unknown;

export interface AdminServer {
  /** Undefined when `admin.listen` is null: then there is no server. */
  port: number | undefined;
  close(): Promise<void>;
}

export interface AdminOptions {
  config: Config;
  metrics: Metrics;
  /** Whether the program can do its work now, and if not, why. */
  ready: () => { ready: boolean; reason?: string };
  log: Logger;
  api?: Readonly<Record<string, AdminHandler>>;
}

export async function startAdminServer(options: AdminOptions): Promise<AdminServer> {
  const { listen, allowedHosts } = options.config.admin;
  if (listen === null) return { port: undefined, close: () => Promise.resolve() };
  const token = secretInFile(join(options.config.stateDir, adminTokenFile));
  const wrongTokens = new WrongTokens(() => performance.now());
  const page = new StatusPage(options.log);
  const server = createServer(
    { headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 65_000 },
    (request, response) => {
      const path = pathOf(request);
      const address = request.socket.remoteAddress ?? "";
      const verdict = judgeAdminAsk(
        {
          path,
          host: request.headers.host,
          authorization: request.headers.authorization,
          remote: address,
        },
        { token, allowedHosts },
      );
      if (verdict === "wrong-host") {
        say(response, 421, "This port answers loopback and the names in admin.allowedHosts only.");
      } else if (verdict === "no-token") {
        // Only wrong tokens are slowed: somebody who guesses shuts out nobody of the same address.
        if (request.headers.authorization !== undefined) {
          if (wrongTokens.isSpent(address)) {
            response.setHeader("retry-after", "1");
            say(response, 429, "Too many wrong tokens: wait a moment.");
            return;
          }
          wrongTokens.note(address);
        }
        response.setHeader("www-authenticate", "Bearer");
        say(response, 401, `This needs the bearer token of ${adminTokenFile} in the state folder.`);
      } else void answer(request, response, { ...options, path, page });
    },
  );
  server.maxConnections = connectionCountMax;
  const port = await listenOn(server, listen, { port: "admin" });
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Asked = AdminOptions & { path: string; page: StatusPage };

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  asked: Asked,
): Promise<void> {
  if (asked.path.startsWith("/api/")) return answerApi(request, response, asked);
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    say(response, 405, "GET or HEAD only.");
    return;
  }
  if (isPagePath(asked.path)) return asked.page.answer(request, response, asked.path);
  switch (asked.path) {
    case "/healthz": {
      say(response, 200, "ok");
      return;
    }
    case "/readyz": {
      const { ready, reason } = asked.ready();
      say(response, ready ? 200 : 503, ready ? "ready" : `not ready: ${reason ?? ""}`);
      return;
    }
    case "/metrics": {
      const text = await asked.metrics.text();
      response.setHeader("content-type", "text/plain; version=0.0.4; charset=utf-8");
      response.end(text);
      return;
    }
    default: {
      say(response, 404, "There are /, /healthz, /readyz, /metrics and /api/.");
      return;
    }
  }
}

async function answerApi(
  request: IncomingMessage,
  response: ServerResponse,
  { path, api = {}, log }: Asked,
): Promise<void> {
  const name = path.slice("/api/".length);
  const handler = Object.hasOwn(api, name) ? api[name] : undefined;
  if (handler === undefined) {
    sayJson(response, 404, { error: `no such call: ${name}` });
    return;
  }
  const { method } = request;
  if (method !== "GET" && method !== "POST") {
    response.setHeader("allow", "GET, POST");
    sayJson(response, 405, { error: "GET or POST only" });
    return;
  }
  const body: Body = method === "POST" ? await readBody(request) : { ok: true, value: undefined };
  if (!body.ok) {
    sayJson(response, body.status, { error: body.error });
    return;
  }
  try {
    const query = new URLSearchParams((request.url ?? "").split("?")[1]);
    sayJson(response, 200, (await handler({ method, query, body: body.value })) ?? {});
  } catch (error) {
    // Anything that is no operating error is a bug and ends the process.
    if (!(error instanceof AppError)) throw error;
    log.warn({ call: name, code: error.code }, error.message);
    sayJson(response, error.httpStatus, { error: error.message, code: error.code });
  }
}

type Body = { ok: true; value: unknown } | { ok: false; status: number; error: string };

async function readBody(request: IncomingMessage): Promise<Body> {
  const body = await readJsonText(request, bodyBytesMax);
  if (!body.ok) return body;
  try {
    return { ok: true, value: JSON.parse(body.text) as unknown };
  } catch {
    return { ok: false, status: 400, error: "the body is not JSON" };
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split("?", 1)[0] ?? "/";
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  response.end(`${text}\n`);
}
