/**
 * The unix sockets through which the encoder's outputs come: one listener a path, one connection
 * each. They are always read, because one unread output stops all of them for good (seen after
 * 3.3 s with ffmpeg 5.1).
 */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";

export interface SocketReader {
  path: string;
  bytes(bytes: Uint8Array): void;
}

export class TrackSockets {
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  /** Listens on all paths; rejects when one cannot be made. */
  async listen(readers: readonly SocketReader[]): Promise<void> {
    for (const reader of readers) {
      const server = createServer((socket) => this.#read(socket, reader));
      server.maxConnections = 1;
      this.#servers.push(server);
      server.listen(reader.path);
      await once(server, "listening");
    }
  }

  /** Resolves when everything written by a process that is gone has been read; then closes. */
  async drainAndClose(): Promise<void> {
    // The process is gone, but its connections may still wait to be accepted: the poll that comes
    // between two immediates accepts them.
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    // Not by once(), which rejects on a reset.
    await Promise.all(
      [...this.#sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve))),
    );
    this.close();
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) server.close();
    this.#servers.length = 0;
  }

  #read(socket: Socket, reader: SocketReader): void {
    this.#sockets.add(socket);
    socket.on("data", (bytes) => reader.bytes(bytes));
    // A reset is the end of what the encoder had to say; why it went is told by its exit.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
  }
}
