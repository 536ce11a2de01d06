/**
 * HTTP to one parent's tier port: keep-alive connections, the shared secret, requests that can be
 * given up. It times nothing out by itself: deadlines are the relay node's.
 */
import { Pool, type Dispatcher } from "undici";
import { traceHeaders, type RequestTrace } from "../../src/node/request-trace.ts";
import { tierSecretHeader } from "../../src/node/tier-server.ts";

export interface ParentHandlers {
  head(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void;
  bytes(chunk: Uint8Array): void;
  end(): void;
  /** The connection failed, or the response did not follow HTTP; called at most once. */
  error(message: string): void;
}

/** A request under way. After `abort` none of its handlers is called. */
export interface ParentCall {
  abort(): void;
}

export interface ParentClientOptions {
  /** Base of the parent's tier port, such as `http://127.0.0.1:8100`. */
  url: string;
  secret: string;
  connectTimeoutMs: number;
  connectionCountMax: number;
}

export class ParentClient {
  /** `host:port`, for the log: the URL may hold a password. */
  readonly host: string;
  readonly #pool: Pool;
  readonly #prefix: string;
  readonly #headers: Record<string, string>;

  constructor({ url, secret, connectTimeoutMs, connectionCountMax }: ParentClientOptions) {
    const { origin, pathname, host } = new URL(url);
    this.host = host;
    this.#prefix = pathname.replace(/\/$/, "");
    this.#headers = secret === "" ? {} : { [tierSecretHeader]: secret };
    this.#pool = new Pool(origin, {
      connections: connectionCountMax,
      pipelining: 1,
      connect: { timeout: connectTimeoutMs },
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 30_000,
      keepAliveMaxTimeout: 60_000,
    });
  }

  get(
    path: string,
    { gzip, trace }: { gzip: boolean; trace: RequestTrace },
    handlers: ParentHandlers,
  ): ParentCall {
    const encoding = gzip ? "gzip" : "identity";
    const headers = { ...this.#headers, ...traceHeaders(trace), "accept-encoding": encoding };
    return this.#dispatch({ method: "GET", path, headers }, handlers);
  }

  post(path: string, body: unknown, handlers: ParentHandlers): ParentCall {
    const headers = { ...this.#headers, "content-type": "application/json" };
    return this.#dispatch({ method: "POST", path, headers, body: JSON.stringify(body) }, handlers);
  }

  /** Ends every connection at once; requests under way end without a call to their handlers. */
  close(): Promise<void> {
    return this.#pool.destroy();
  }

  #dispatch(
    request: Omit<Dispatcher.DispatchOptions, "origin">,
    handlers: ParentHandlers,
  ): ParentCall {
    const call = new Call(handlers);
    this.#pool.dispatch({ ...request, path: this.#prefix + request.path }, call);
    return call;
  }
}

const abortReason = new Error("the relay gave the request up");

class Call implements Dispatcher.DispatchHandler, ParentCall {
  readonly #handlers: ParentHandlers;
  #controller: Dispatcher.DispatchController | undefined;
  #over = false;

  constructor(handlers: ParentHandlers) {
    this.#handlers = handlers;
  }

  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#controller?.abort(abortReason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) controller.abort(abortReason);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status >= 200 && !this.#over) this.#handlers.head(status, headers);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (!this.#over) this.#handlers.bytes(chunk);
  }

  onResponseEnd(): void {
    if (this.#over) return;
    this.#over = true;
    this.#handlers.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#handlers.error(error.message);
  }
}
