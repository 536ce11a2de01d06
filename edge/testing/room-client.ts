/** A viewer in a room for tests: a real WebSocket that keeps what it was told. */
import { WebSocket, type CloseEvent } from "undici";
import type { RoomMessage, ViewerMessage } from "../../src/swarm/room-messages.ts";
import { readRoomMessage } from "../../src/swarm/read-room-message.ts";

type OfKind<Kind extends RoomMessage["kind"]> = Extract<RoomMessage, { kind: Kind }>;

export interface EnterOptions {
  path?: string;
  origin?: string;
  headers?: Readonly<Record<string, string>>;
}

export class RoomTestClient {
  /** In order; each passed the reader that pages use. */
  readonly received: RoomMessage[] = [];
  /** The code, once it is closed. */
  closed: { code: number; reason: string } | undefined;
  readonly #socket: WebSocket;
  readonly #watchers = new Set<() => void>();

  private constructor(url: string, { origin, headers }: EnterOptions) {
    this.#socket = new WebSocket(url, {
      headers: { ...headers, ...(origin === undefined ? {} : { origin }) },
    });
    this.#socket.addEventListener("message", ({ data }) => {
      const read = readRoomMessage(String(data));
      if (!read.ok) throw new Error(`${read.reason}: ${String(data)}`);
      this.received.push(read.message);
      this.#changed();
    });
    this.#socket.addEventListener("close", (event: CloseEvent) => {
      this.closed = { code: event.code, reason: event.reason };
      this.#changed();
    });
    this.#socket.addEventListener("error", () => undefined);
  }

  /** Begins to open; `viewerUrl` is the edge's. */
  static open(viewerUrl: string, options: EnterOptions = {}): RoomTestClient {
    const { path = "/live/main/room" } = options;
    return new RoomTestClient(viewerUrl.replace("http", "ws") + path, options);
  }

  /** Opens and is welcomed. */
  static async enter(viewerUrl: string, options: EnterOptions = {}): Promise<RoomTestClient> {
    const client = RoomTestClient.open(viewerUrl, options);
    await client.next("welcome");
    return client;
  }

  /** Its id, after the welcome. */
  get id(): string {
    return this.all("welcome")[0]!.id;
  }

  send(message: ViewerMessage): void {
    this.sendRaw(JSON.stringify(message));
  }

  sendRaw(data: string | Uint8Array): void {
    this.#socket.send(data);
  }

  /** What came of this kind so far. */
  all<Kind extends RoomMessage["kind"]>(kind: Kind): OfKind<Kind>[] {
    return this.received.filter((message): message is OfKind<Kind> => message.kind === kind);
  }

  /** The first message of this kind that fits, of those that came or come; fails when it closes. */
  async next<Kind extends RoomMessage["kind"]>(
    kind: Kind,
    isWanted: (message: OfKind<Kind>) => boolean = () => true,
  ): Promise<OfKind<Kind>> {
    const find = (): OfKind<Kind> | undefined => this.all(kind).find(isWanted);
    await this.until(() => find() !== undefined || this.closed !== undefined);
    const found = find();
    if (found === undefined) throw new Error(`closed with ${JSON.stringify(this.closed)}`);
    return found;
  }

  async until(isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      await new Promise<void>((resolve) => {
        const watcher = (): void => {
          this.#watchers.delete(watcher);
          resolve();
        };
        this.#watchers.add(watcher);
      });
    }
  }

  /** How it was closed, now or later. */
  async untilClosed(): Promise<{ code: number; reason: string }> {
    await this.until(() => this.closed !== undefined);
    return this.closed!;
  }

  close(): void {
    this.#socket.close();
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}
