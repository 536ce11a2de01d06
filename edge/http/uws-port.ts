/** One response on the viewer port, as exchanges see it. */
import type { PortEvents, ResponsePort } from "./response-port.ts";
import { statusText } from "./response-head.ts";
import type { UwsResponse } from "./uws.ts";

export class UwsPort implements ResponsePort {
  readonly #response: UwsResponse;
  #totalBytes = 0;
  #takenBytes = 0;
  #gone = false;
  #done = false;

  constructor(response: UwsResponse) {
    this.#response = response;
  }

  /** Before the handler returns; from then on the exchange hears of the connection. */
  listen(events: PortEvents): void {
    if (this.#done || this.#gone) return;
    this.#response.onAborted(() => {
      this.#gone = true;
      events.gone();
    });
    this.#response.onWritable((offset) => {
      this.#takenBytes = offset;
      events.writable();
      return true;
    });
  }

  /** Takes over a response whose head and first bytes are sent. */
  adopt(totalBytes: number): void {
    this.#totalBytes = totalBytes;
    this.#takenBytes = this.#response.getWriteOffset();
  }

  reply(response: {
    status: number;
    head: string;
    body: Uint8Array | undefined;
    contentLength?: number;
  }): void {
    if (this.#gone) return;
    this.#done = true;
    this.#response.cork(() => writeWhole(this.#response, response));
  }

  begin({ status, head, totalBytes }: { status: number; head: string; totalBytes: number }): void {
    this.#totalBytes = totalBytes;
    if (this.#gone) return;
    this.#response.cork(() => writeHead(this.#response, status, head));
  }

  offer(chunk: Uint8Array): boolean {
    if (this.#gone) return false;
    let ok = false;
    this.#response.cork(() => {
      const [taken, done] = this.#response.tryEnd(chunk, this.#totalBytes);
      ok = taken;
      this.#done = done;
      this.#takenBytes = done ? this.#totalBytes : this.#response.getWriteOffset();
    });
    return ok;
  }

  takenBytes(): number {
    return this.#takenBytes;
  }

  abort(): void {
    if (this.#gone || this.#done) return;
    this.#gone = true;
    this.#response.close();
  }

  clientAddress(): string {
    if (this.#gone || this.#done) return "";
    return Buffer.from(this.#response.getRemoteAddressAsText()).toString("latin1");
  }
}

/** A header block goes out by one call: its first line's key, the rest behind the first value. */
export function writeHead(response: UwsResponse, status: number, head: string): void {
  if (status !== 200) response.writeStatus(statusText(status));
  if (head === "") return;
  const colon = head.indexOf(": ");
  response.writeHeader(head.slice(0, colon), head.slice(colon + 2));
}

export function writeWhole(
  response: UwsResponse,
  whole: { status: number; head: string; body: Uint8Array | undefined; contentLength?: number },
): void {
  const { status, head, body, contentLength } = whole;
  if (body !== undefined) {
    writeHead(response, status, head);
    response.end(body);
    return;
  }
  const length = contentLength === undefined ? "" : `\r\nContent-Length: ${contentLength}`;
  writeHead(response, status, head + length);
  response.endWithoutBody();
}
