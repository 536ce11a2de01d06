/**
 * Bodies that are whole when their response begins: shared bytes, never copied for a client. What a
 * client does not take at once follows with back-pressure, under the stall wheel. Until then its
 * response stays open, so that one who pipelines without reading is cut by the engine: with `end`
 * each answer would be buffered for him (measured: 20 sockets, 100 requests each, 1 GB).
 */
import type { ParsedPath } from "../../src/hls/path.ts";
import type { ResponseEnd } from "../../src/node/access-log.ts";
import { outcome } from "../../src/relay/answer.ts";
import { portCount } from "./port-counts.ts";
import type { RelayPort } from "./relay-port.ts";
import type { PortEvents } from "./response-port.ts";
import type { Stallable } from "./stall-wheel.ts";
import { Trail } from "./trail.ts";
import { UwsPort } from "./uws-port.ts";
import type { UwsResponse } from "./uws.ts";

/**
 * Ends a response whose head is written. To be called within the request's handler. Without a path
 * it is no media, and the access log leaves it out.
 */
export function endWith(
  relayPort: RelayPort,
  response: UwsResponse,
  body: Uint8Array,
  path?: ParsedPath,
): void {
  const trail = path === undefined ? undefined : sampledTrail(relayPort, response, { path });
  const [, done] = response.tryEnd(body, body.length);
  if (done) {
    relayPort.counts[portCount.egressBytes]! += body.length;
    trail?.ends("done", { met: outcome.hit, bytes: body.length, nowMs: relayPort.clock.nowMs() });
    return;
  }
  const port = new UwsPort(response);
  const began = trail ?? trailOf(relayPort, port, { path, status: 200, sampled: false });
  new SlowBody({ relayPort, port, body, trail: began }).begin();
}

/** For the access log, if an answer that is about to be sent is the one in so many. */
export function sampledTrail(
  relayPort: RelayPort,
  response: UwsResponse,
  { path, status = 200 }: { path: ParsedPath | undefined; status?: number },
): Trail | undefined {
  if (!relayPort.access.sampled()) return undefined;
  return trailOf(relayPort, new UwsPort(response), { path, status, sampled: true });
}

/** Of an answer within its request's turn. */
function trailOf(
  relayPort: RelayPort,
  client: UwsPort,
  { path, status, sampled }: { path: ParsedPath | undefined; status: number; sampled: boolean },
): Trail {
  const nowMs = relayPort.clock.nowMs();
  const kept = path === undefined ? undefined : { ...path };
  const trail = new Trail({ relayPort, path: kept, client, arrivedMs: nowMs, sampled });
  trail.begins(status, 0, nowMs);
  return trail;
}

interface SlowBodyOptions {
  relayPort: RelayPort;
  port: UwsPort;
  body: Uint8Array;
  trail: Trail;
}

class SlowBody implements PortEvents, Stallable {
  readonly #relayPort: RelayPort;
  readonly #port: UwsPort;
  readonly #body: Uint8Array;
  readonly #trail: Trail;
  #countedBytes = 0;
  #over = false;

  constructor({ relayPort, port, body, trail }: SlowBodyOptions) {
    this.#relayPort = relayPort;
    this.#port = port;
    this.#body = body;
    this.#trail = trail;
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
    if (this.#countedBytes === this.#body.length) this.#end("done");
  }

  gone(): void {
    if (this.#end("gone")) this.#relayPort.counts[portCount.responsesAborted]! += 1;
  }

  takenBytes(): number {
    return this.#port.takenBytes();
  }

  isBlocked(): boolean {
    return true;
  }

  stalled(): void {
    if (this.#end("stalled")) this.#relayPort.counts[portCount.responsesStalled]! += 1;
    this.#port.abort();
  }

  /** Whether it was still under way. */
  #end(how: ResponseEnd): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#relayPort.stalls.forget(this);
    const nowMs = this.#relayPort.clock.nowMs();
    this.#trail.ends(how, { met: outcome.hit, bytes: this.#countedBytes, nowMs });
    return true;
  }

  #count(): void {
    const takenBytes = this.#port.takenBytes();
    this.#relayPort.counts[portCount.egressBytes]! += takenBytes - this.#countedBytes;
    this.#countedBytes = takenBytes;
  }
}
