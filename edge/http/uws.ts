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
  upgrade(
    about: unknown,
    key: string,
    protocol: string,
    extensions: string,
    context: UwsUpgradeContext,
  ): void;
}

/** Opaque. */
export type UwsUpgradeContext = object;

/** A WebSocket; not to be touched after it is closed. */
export interface UwsSocket<About> {
  /** 1: sent, 0: some of it waits, 2: not sent, for too much waits already. */
  send(text: string): number;
  /** What is sent within is one piece on its way, as all is within `message`. */
  cork(write: () => void): void;
  /** Says goodbye and closes; `closed` is called within. */
  end(code: number, reason: string): void;
  /** Cuts it; `closed` is called within. */
  close(): void;
  subscribe(topic: string): boolean;
  unsubscribe(topic: string): boolean;
  getUserData(): About;
}

/** What WebSockets of a server do; `About` is what is kept of each. */
export interface UwsSockets<About> {
  /** Of the paths at which they begin; `:name` stands for any one part of a path. */
  patterns: readonly string[];
  messageBytesMax: number;
  /** What may wait for a client; one with more is closed. */
  backlogBytesMax: number;
  /** A client that is silent for so long, pongs too, is closed. */
  idleSec: number;
  /** A client asks for a socket: `upgradeTo` or an answer. */
  asked(response: UwsResponse, request: UwsRequest, context: UwsUpgradeContext): void;
  opened(socket: UwsSocket<About>): void;
  /** The bytes are gone when the handler returns. */
  message(socket: UwsSocket<About>, bytes: ArrayBuffer, isBinary: boolean): void;
  /** A ping, which the engine answers, or a pong came. */
  control(socket: UwsSocket<About>): void;
  /** A message was not sent, for too much waits; it is closed next. */
  dropped(socket: UwsSocket<About>): void;
  /** `isMalformed`: a message was too long or no UTF-8. Broken frames look like a cut connection. */
  closed(socket: UwsSocket<About>, how: { isIdle: boolean; isMalformed: boolean }): void;
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

interface SocketBehaviour {
  compression: number;
  maxPayloadLength: number;
  maxBackpressure: number;
  closeOnBackpressureLimit: boolean;
  idleTimeout: number;
  sendPingsAutomatically: boolean;
  upgrade(response: UwsResponse, request: UwsRequest, context: UwsUpgradeContext): void;
  open(socket: UwsSocket<unknown>): void;
  message(socket: UwsSocket<unknown>, bytes: ArrayBuffer, isBinary: boolean): void;
  ping(socket: UwsSocket<unknown>): void;
  pong(socket: UwsSocket<unknown>): void;
  dropped(socket: UwsSocket<unknown>): void;
  close(socket: UwsSocket<unknown>, code: number, message: ArrayBuffer): void;
}

interface UwsApp {
  ws(pattern: string, behaviour: SocketBehaviour): UwsApp;
  publish(topic: string, text: string): boolean;
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
  /** Sends the text to every WebSocket that subscribed to the topic. */
  publish(topic: string, text: string): void;
  /** Ends every connection at once. */
  close(): void;
}

export interface UwsServerOptions {
  listen: string;
  handle: (response: UwsResponse, request: UwsRequest) => void;
  /**
   * A connection opened (true) or is one no more (false): it closed, or became a WebSocket.
   * Returning false refuses an opened one.
   */
  connection: (opened: boolean) => boolean;
  sockets?: UwsSockets<never>;
}

/** Makes the request a WebSocket, of which `about` is kept. To be called within the handler. */
export function upgradeTo(
  about: unknown,
  response: UwsResponse,
  request: UwsRequest,
  context: UwsUpgradeContext,
): void {
  const key = request.getHeader("sec-websocket-key");
  const extensions = request.getHeader("sec-websocket-extensions");
  response.upgrade(about, key, request.getHeader("sec-websocket-protocol"), extensions, context);
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
  if (options.sockets !== undefined) addSockets(app, options.sockets, options.connection);
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
        publish: (topic, text) => void app.publish(topic, text),
        close: () => {
          stopListening();
          app.close();
        },
      });
    });
  });
}

/** What the engine says of a socket that it closed itself. */
const closeWords = {
  idle: "WebSocket timed out from inactivity",
  malformed: ["Received too big message", "Received invalid UTF-8"],
};

function addSockets(
  app: UwsApp,
  sockets: UwsSockets<never>,
  connection: (opened: boolean) => boolean,
): void {
  const behaviour: SocketBehaviour = {
    // Messages are short; a compressor would cost a socket more memory than all else.
    compression: 0,
    maxPayloadLength: sockets.messageBytesMax,
    maxBackpressure: sockets.backlogBytesMax,
    closeOnBackpressureLimit: true,
    idleTimeout: sockets.idleSec,
    sendPingsAutomatically: true,
    upgrade: (response, request, context) => sockets.asked(response, request, context),
    open: (socket) => {
      // The engine's filter is told of no connection that has become a WebSocket.
      connection(false);
      sockets.opened(socket as UwsSocket<never>);
    },
    message: (socket, bytes, isBinary) =>
      sockets.message(socket as UwsSocket<never>, bytes, isBinary),
    ping: (socket) => sockets.control(socket as UwsSocket<never>),
    pong: (socket) => sockets.control(socket as UwsSocket<never>),
    dropped: (socket) => sockets.dropped(socket as UwsSocket<never>),
    close: (socket, code, message) => {
      // With another code the word is the client's.
      const word = code === 1006 ? Buffer.from(message).toString("latin1") : "";
      const how = {
        isIdle: word === closeWords.idle,
        isMalformed: closeWords.malformed.includes(word),
      };
      sockets.closed(socket as UwsSocket<never>, how);
    },
  };
  for (const pattern of sockets.patterns) app.ws(pattern, behaviour);
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
