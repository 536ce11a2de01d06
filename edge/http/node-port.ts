/** One response on the tier port (node:http), as exchanges see it. */
import type { ServerResponse } from "node:http";
import type { PortEvents, ResponsePort } from "./response-port.ts";

/** Largest piece handed to the socket at once, so that its queue says how far the child has read. */
const pieceBytesMax = 262_144;

export class NodePort implements ResponsePort {
  readonly #response: ServerResponse;
  #totalBytes = 0;
  #takenBytes = 0;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  listen(events: PortEvents): void {
    this.#response.on("drain", () => events.writable());
    this.#response.on("close", () => events.gone());
  }

  reply(response: {
    status: number;
    head: string;
    body: Uint8Array | undefined;
    contentLength?: number;
  }): void {
    const { status, head, body, contentLength } = response;
    const length = body?.length ?? contentLength;
    this.#response.writeHead(status, headersOf(head, length));
    this.#response.end(body);
  }

  begin({ status, head, totalBytes }: { status: number; head: string; totalBytes: number }): void {
    this.#totalBytes = totalBytes;
    this.#response.writeHead(status, headersOf(head, totalBytes));
  }

  offer(chunk: Uint8Array): boolean {
    if (this.#response.destroyed) return false;
    let start = 0;
    let ready = true;
    while (ready && start < chunk.length) {
      const piece = chunk.subarray(start, start + pieceBytesMax);
      ready = this.#response.write(piece);
      start += piece.length;
    }
    this.#takenBytes += start;
    if (this.#takenBytes === this.#totalBytes) this.#response.end();
    return ready;
  }

  takenBytes(): number {
    return this.#takenBytes;
  }

  abort(): void {
    this.#response.destroy();
  }

  clientAddress(): string {
    return this.#response.socket?.remoteAddress ?? "";
  }
}

function headersOf(head: string, contentLength: number | undefined): string[] {
  const flat: string[] = [];
  for (const line of head.split("\r\n")) {
    const colon = line.indexOf(": ");
    flat.push(line.slice(0, colon), line.slice(colon + 2));
  }
  if (contentLength !== undefined) flat.push("Content-Length", String(contentLength));
  return flat;
}
