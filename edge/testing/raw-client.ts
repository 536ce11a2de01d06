/** A client that writes bytes as they are, for requests no HTTP library would send. */
import { connect, type Socket } from "node:net";

export class RawClient {
  readonly socket: Socket;
  received = "";
  isClosed = false;
  #wake: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.received += text;
      this.#changed();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.isClosed = true;
      this.#changed();
    });
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect(port, "127.0.0.1");
    const client = new RawClient(socket);
    await new Promise((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return client;
  }

  /** Opens, sends, waits for the close or for so many responses, and returns what came. */
  static async say(port: number, text: string, responseCount = 1): Promise<RawClient> {
    const client = await RawClient.open(port);
    client.socket.write(text, "latin1");
    await client.until(() => client.isClosed || client.statuses().length >= responseCount);
    return client;
  }

  /** Status codes of the responses so far. */
  statuses(): number[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]));
  }

  async until(isDone: () => boolean): Promise<void> {
    while (!isDone()) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  async closed(): Promise<void> {
    await this.until(() => this.isClosed);
  }

  end(): void {
    this.socket.destroy();
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
