/**
 * Serves the status page at `/` of the admin port, and its files at `/assets/`. They hold no data:
 * what the page shows, its script fetches from `/api/status` with the bearer token.
 */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Logger } from "pino";
import { acceptsGzip } from "../../base/accept-encoding.ts";
import { loadPageFiles } from "./load-page-files.ts";
import type { PageFile } from "./page-file.ts";

interface ServedFile {
  headers: Record<string, string>;
  bytes: Uint8Array;
  gzip: Uint8Array;
}

/** The script and the style are the page's own files; nothing else is loaded, sent or framed. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const compress = promisify(gzip);

export class StatusPage {
  readonly #log: Logger;
  /** By path. */
  #files: Promise<ReadonlyMap<string, ServedFile>> | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Answers a GET or HEAD of `/` or of something under `/assets/`. */
  async answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const files = await this.#load();
    const file = files?.get(path);
    if (files === undefined) {
      sayText(response, 503, "The page is not built: npm run build.");
      return;
    }
    if (file === undefined) {
      sayText(response, 404, "There is no such file.");
      return;
    }
    const { headers } = file;
    if (request.headers["if-none-match"] === headers["ETag"]) {
      response.writeHead(304, headers).end();
      return;
    }
    const packed = acceptsGzip(request.headers["accept-encoding"] ?? "");
    const body = packed ? file.gzip : file.bytes;
    response.writeHead(200, {
      ...headers,
      ...(packed ? { "Content-Encoding": "gzip" } : {}),
      "Content-Length": body.length,
    });
    response.end(request.method === "HEAD" ? undefined : body);
  }

  /** Undefined when there is no page and it cannot be built: a node must not end for that. */
  async #load(): Promise<ReadonlyMap<string, ServedFile> | undefined> {
    this.#files ??= loadFiles();
    try {
      return await this.#files;
    } catch (error) {
      this.#files = undefined;
      this.#log.error({ err: error }, "the status page cannot be built");
      return undefined;
    }
  }
}

async function loadFiles(): Promise<ReadonlyMap<string, ServedFile>> {
  const files = await loadPageFiles();
  const served = files.map(async (file): Promise<[string, ServedFile]> => {
    const { name, bytes } = file;
    const path = name === "" ? "/" : `/assets/${name}`;
    return [path, { headers: headersOf(file), bytes, gzip: await compress(bytes, { level: 9 }) }];
  });
  return new Map(await Promise.all(served));
}

function headersOf({ name, contentType, bytes }: PageFile): Record<string, string> {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  return {
    "Content-Type": contentType,
    "Cache-Control": name === "" ? "no-cache" : "public, max-age=31536000, immutable",
    // Weak: it stands for the plain bytes and the compressed ones.
    ETag: `W/"${hash}"`,
    Vary: "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
    // The token stands in the fragment when the page is opened, which no header carries anyway.
    "Referrer-Policy": "no-referrer",
    ...(name === "" ? pageHeaders : {}),
  };
}

const pageHeaders = {
  "Content-Security-Policy": contentSecurityPolicy,
  "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};

function sayText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" }).end(`${text}\n`);
}
