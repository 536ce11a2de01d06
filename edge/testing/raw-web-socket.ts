/** A WebSocket client that writes frames no library would write, and reads when it likes. */
import { RawClient } from "./raw-client.ts";

export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

interface FrameOptions {
  /** Not the last frame of its message. */
  isPart?: boolean;
  isMasked?: boolean;
}

/** The example of RFC 6455 section 1.2; servers check its form alone. */
const key = "dGhlIHNhbXBsZSBub25jZQ==";

export class RawWebSocket {
  readonly client: RawClient;

  private constructor(client: RawClient) {
    this.client = client;
  }

  /** Asks for a WebSocket; resolves when that was answered in whatever way. */
  static async ask(
    port: number,
    { path = "/live/main/room", headers = {} } = {},
  ): Promise<RawWebSocket> {
    const client = await RawClient.open(port);
    const all = {
      host: `127.0.0.1:${port}`,
      upgrade: "websocket",
      connection: "Upgrade",
      "sec-websocket-key": key,
      "sec-websocket-version": "13",
      ...headers,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    client.socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
    await client.until(() => client.isClosed || client.statuses().length > 0);
    return new RawWebSocket(client);
  }

  /** 101 when it was opened. */
  get status(): number | undefined {
    return this.client.statuses()[0];
  }

  send(kind: number, payload: string | Buffer, options: FrameOptions = {}): void {
    this.client.socket.write(frame(kind, Buffer.from(payload), options));
  }
}

/** The mask is 0, so that the payload stands as it is. */
function frame(
  kind: number,
  payload: Buffer,
  { isPart = false, isMasked = true }: FrameOptions,
): Buffer {
  const maskBit = isMasked ? 0x80 : 0;
  const head = [isPart ? kind : 0x80 | kind];
  if (payload.length < 126) head.push(maskBit | payload.length);
  else if (payload.length < 65_536) head.push(maskBit | 126, payload.length >> 8, payload.length);
  else throw new Error("no room says so much");
  return Buffer.concat([Buffer.from(head), Buffer.alloc(isMasked ? 4 : 0), payload]);
}
