/**
 * The one importer of uWebSockets.js: loads the checked native engine and listens with it. What is
 * used of the engine is typed here, because its own types are older and newer than its code.
 */
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { AppError } from "../../src/base/errors.ts";
import { addressOf, listenError, listenOn } from "../../src/node/listen.ts";
import { checkNativeBinary } from "./uws-binary.ts";

export interface UwsResponse {
  writeStatus(status: string): UwsResponse;
  writeHeader(key: string | Uint8Array, value: string | Uint8Array): UwsResponse;
  end(body?: string | Uint8Array, closeConnection?: boolean): UwsResponse;
  endWithoutBody(reportedContentLength?: number, closeConnection?: boolean): UwsResponse;
  tryEnd(chunk: Uint8Array, totalBytes: number): [ok: boolean, done: boolean];
  close(): UwsResponse;
  getWriteOffset(): number;
  /** In network byte order; neither after the response has ended or its client is gone. */
  getRemoteAddress(): ArrayBuffer;
  getRemoteAddressAsText(): ArrayBuffer;
  onWritable(handler: (offset: number) => boolean): UwsResponse;
  onAborted(handler: () => void): UwsResponse;
  /** Brings the request's body; a chunk is detached when the handler returns. */
  onData(handler: (chunk: ArrayBuffer, isLast: boolean) => void): UwsResponse;
  cork(write: () => void): UwsResponse;
}

/** Valid only within the handler. */
export interface UwsRequest {
  getHeader(lowerCaseKey: string | Uint8Array): string;
  /** Every header line, repeated ones too. */
  forEach(take: (lowerCaseKey: string, value: string) => void): void;
  getUrl(): string;
  getMethod(): string;
  /** Undefined without a query, whatever the engine's own types say. */
  getQuery(): string | undefined;
}

/** Opaque. */
type ListenSocket = object;

interface UwsApp {
  any(pattern: string, handler: (response: UwsResponse, request: UwsRequest) => void): UwsApp;
  filter(handler: (response: UwsResponse, change: number) => void): UwsApp;
  listen(
    host: string,
    port: number,
    options: number,
    done: (socket: ListenSocket | false) => void,
  ): UwsApp;
  close(): UwsApp;
}

interface Uws {
  App(): UwsApp;
  us_listen_socket_close(socket: ListenSocket): void;
  us_socket_local_port(socket: ListenSocket): number;
}

/** LIBUS_LISTEN_DEFAULT of uSockets, which the engine does not export. */
const listenDefault = 0;

export interface UwsServer {
  port: number;
  /** New connections are refused; those open go on. */
  stopListening(): void;
  /** Ends every connection at once. */
  close(): void;
}

export interface UwsServerOptions {
  listen: string;
  handle: (response: UwsResponse, request: UwsRequest) => void;
  /** A connection opened (true) or closed (false); returning false refuses an opened one. */
  connection: (opened: boolean) => boolean;
}

/**
 * Two programs that share a port by SO_REUSEPORT would share viewers, so a taken port is refused.
 * Not by the engine's exclusive mode, which leaves out SO_REUSEADDR too: an edge that died with
 * viewers connected could not have its port again for the minute their connections are in TIME_WAIT
 * (Linux 6, November 2026).
 */
export async function startUwsServer(options: UwsServerOptions): Promise<UwsServer> {
  const engine = loadEngine();
  const { host } = addressOf(options.listen, "viewer");
  const port = await freePort(options.listen);
  const app = engine.App();
  app.filter((response, change) => {
    if (!options.connection(change > 0)) response.close();
  });
  app.any("/*", options.handle);
  return new Promise((resolve, reject) => {
    app.listen(host, port, listenDefault, (socket) => {
      if (socket === false) {
        app.close();
        // The engine does not say why, and the probe found nothing: somebody was faster.
        const cause = Object.assign(new Error("listen failed"), { code: "EADDRINUSE" });
        reject(listenError(cause, options.listen, "viewer"));
        return;
      }
      let listening = true;
      const stopListening = (): void => {
        if (listening) engine.us_listen_socket_close(socket);
        listening = false;
      };
      resolve({
        port: engine.us_socket_local_port(socket),
        stopListening,
        close: () => {
          stopListening();
          app.close();
        },
      });
    });
  });
}

/**
 * The port of the address, or one of the system's choice, on which nobody listens. Node's own
 * server finds out, which does not share ports and can say what is wrong with an address.
 */
async function freePort(listen: string): Promise<number> {
  const server = createServer();
  const port = await listenOn(server, listen, { port: "viewer" });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function loadEngine(): Uws {
  const require = createRequire(import.meta.url);
  checkNativeBinary((file) => require.resolve(`uWebSockets.js/${file}`));
  try {
    return require("uWebSockets.js") as Uws;
  } catch (error) {
    throw new AppError(
      "PLATFORM_UNSUPPORTED",
      "uWebSockets.js does not load on this system: use Linux with glibc 2.27 or later, or macOS",
      error,
    );
  }
}
