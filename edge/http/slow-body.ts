/**
 * Bodies that are whole when their response begins: shared bytes, never copied for a client. What a
 * client does not take at once follows with back-pressure, under the stall wheel. Until then its
 * response stays open, so that one who pipelines without reading is cut by the engine: with `end`
 * each answer would be buffered for him (measured: 20 sockets, 100 requests each, 1 GB).
 */
import type { RelayPort } from "./relay-port.ts";
import type { PortEvents } from "./response-port.ts";
import type { Stallable } from "./stall-wheel.ts";
import { UwsPort } from "./uws-port.ts";
import type { UwsResponse } from "./uws.ts";

/** Ends a response whose head is written. To be called within the request's handler. */
export function endWith(relayPort: RelayPort, response: UwsResponse, body: Uint8Array): void {
  const [, done] = response.tryEnd(body, body.length);
  if (done) relayPort.counters.egressBytes += body.length;
  else new SlowBody(relayPort, response, body).begin();
}

class SlowBody implements PortEvents, Stallable {
  readonly #relayPort: RelayPort;
  readonly #port: UwsPort;
  readonly #body: Uint8Array;
  #countedBytes = 0;
  #over = false;

  constructor(relayPort: RelayPort, response: UwsResponse, body: Uint8Array) {
    this.#relayPort = relayPort;
    this.#port = new UwsPort(response);
    this.#body = body;
  }

  begin(): void {
    this.#port.adopt(this.#body.length);
    this.#count();
    this.#port.listen(this);
    this.#relayPort.stalls.watch(this, this.#relayPort.clock.nowMs());
  }

  writable(): void {
    this.#port.offer(this.#body.subarray(this.#port.takenBytes()));
    this.#count();
    if (this.#countedBytes === this.#body.length) this.#end();
  }

  gone(): void {
    if (this.#end()) this.#relayPort.counters.responsesAborted += 1;
  }

  takenBytes(): number {
    return this.#port.takenBytes();
  }

  isBlocked(): boolean {
    return true;
  }

  stalled(): void {
    if (this.#end()) this.#relayPort.counters.responsesStalled += 1;
    this.#port.abort();
  }

  /** Whether it was still under way. */
  #end(): boolean {
    const wasUnderWay = !this.#over;
    this.#over = true;
    this.#relayPort.stalls.forget(this);
    return wasUnderWay;
  }

  #count(): void {
    const takenBytes = this.#port.takenBytes();
    this.#relayPort.counters.egressBytes += takenBytes - this.#countedBytes;
    this.#countedBytes = takenBytes;
  }
}
