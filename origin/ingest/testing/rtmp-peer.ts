/** For tests: a scripted encoder on a real socket, and a server whose calls can be awaited. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { pino } from "pino";
import { resolveConfig } from "../../../src/config/resolve.ts";
import { avcRecord } from "../../../src/media/testing/fmp4-builder.ts";
import { Metrics } from "../../../src/node/metrics.ts";
import { systemClock } from "../../../src/node/system-clock.ts";
import type { FlvTag } from "../../../src/rtmp/flv.ts";
import {
  clientHandshake,
  codeOf,
  keyframe,
  ScriptedClient,
  ServerReader,
} from "../../../src/rtmp/testing/scripted-client.ts";
import type { Publisher } from "../publisher.ts";
import { startRtmpServer, type RtmpServer } from "../rtmp-server.ts";
import { hashStreamKey } from "../stream-keys.ts";

export const mainKey = "the-right-key";
export const standbyKey = "the-test-card";
export const otherFeedKey = "the-other-feed";

/** A sequence header as an encoder makes it. */
export const usableAvcHeader = Uint8Array.of(0x17, 0, 0, 0, 0, ...avcRecord);

export type Call =
  | { kind: "start"; publisher: Publisher }
  | { kind: "tag"; publisher: Publisher; tag: FlvTag }
  | { kind: "end"; publisher: Publisher; reason: string };

/** A server on a free port; `calls` are its handlers' calls, in order. */
export class TestServer {
  readonly calls: Call[] = [];
  readonly logLines: string[] = [];
  /** Called within the tag handler. */
  onTag: (publisher: Publisher) => void = () => undefined;
  readonly #metrics = new Metrics({ tier: "origin", node: "test" });
  readonly #stateDir = mkdtempSync(join(tmpdir(), "fullhouse-ingest-"));
  readonly #waiting = new Set<() => void>();
  readonly #peers: RtmpPeer[] = [];
  #server: RtmpServer | undefined;

  static async start(rtmp: Record<string, unknown> = {}): Promise<TestServer> {
    const test = new TestServer();
    const resolved = resolveConfig([
      {
        source: "test",
        values: {
          stateDir: test.#stateDir,
          rtmp: { listen: "127.0.0.1:0", ...rtmp },
          feeds: [
            {
              name: "main",
              keyHashes: [hashStreamKey(mainKey)],
              standbyKeyHashes: [hashStreamKey(standbyKey)],
            },
            { name: "other", keyHashes: [hashStreamKey(otherFeedKey)] },
          ],
        },
      },
    ]);
    if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
    const sink = new Writable({
      write: (line: Buffer, _, done) => {
        test.logLines.push((JSON.parse(line.toString()) as { msg: string }).msg);
        done();
      },
    });
    test.#server = await startRtmpServer({
      config: resolved.config,
      clock: systemClock,
      log: pino({ level: "info" }, sink),
      metrics: test.#metrics,
      handlers: {
        publishStart: (publisher) => test.#call({ kind: "start", publisher }),
        tag: (publisher, tag) => {
          test.#call({ kind: "tag", publisher, tag });
          test.onTag(publisher);
        },
        publishEnd: (publisher, reason) => test.#call({ kind: "end", publisher, reason }),
      },
    });
    return test;
  }

  get port(): number {
    return this.#server!.port;
  }

  url(streamKey: string, application = "live"): string {
    return `rtmp://127.0.0.1:${this.port}/${application}/${streamKey}`;
  }

  /** The calls of one kind so far. */
  of<K extends Call["kind"]>(kind: K): Extract<Call, { kind: K }>[] {
    return this.calls.filter((call): call is Extract<Call, { kind: K }> => call.kind === kind);
  }

  /** Resolves once there are that many calls of the kind, with the last of them. */
  async until<K extends Call["kind"]>(kind: K, count: number): Promise<Extract<Call, { kind: K }>> {
    while (this.of(kind).length < count) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
    return this.of(kind)[count - 1]!;
  }

  /** A metric's value by its name and labels as they stand in the exposition; 0 if it is not there. */
  async metric(name: string, label = ""): Promise<number> {
    const lines = (await this.#metrics.text()).split("\n");
    const line = lines.find((text) => text.startsWith(`${name}{`) && text.includes(label));
    return Number(line?.split(" ").at(-1) ?? 0);
  }

  async peer(options?: { allowHalfOpen: boolean }): Promise<RtmpPeer> {
    const peer = await RtmpPeer.connect(this.port, options);
    this.#peers.push(peer);
    return peer;
  }

  /** A peer that publishes with the key, and sends a picture that can be used. */
  async picturePublisher(streamKey: string): Promise<RtmpPeer> {
    const peer = await this.publisher(streamKey);
    peer.send(peer.client.video(0, usableAvcHeader), peer.client.video(0, keyframe(64)));
    return peer;
  }

  /** A peer that publishes with the key. */
  async publisher(streamKey: string): Promise<RtmpPeer> {
    const peer = await this.peer();
    peer.send(clientHandshake, peer.client.opening(streamKey));
    return peer;
  }

  async close(): Promise<void> {
    for (const peer of this.#peers) peer.socket.destroy();
    await this.#server!.close();
    rmSync(this.#stateDir, { recursive: true });
  }

  /** Stops the server alone. */
  stop(): Promise<void> {
    return this.#server!.close();
  }

  #call(call: Call): void {
    this.calls.push(call);
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

export class RtmpPeer {
  readonly socket: Socket;
  readonly client = new ScriptedClient();
  /** Status codes that the server sent. */
  readonly codes: string[] = [];
  /** When the server ended its side or the socket broke. */
  readonly ended: Promise<void>;
  /** When the socket is gone. */
  readonly closed: Promise<void>;
  readonly #reader = new ServerReader();
  readonly #waiting = new Set<() => void>();

  static async connect(port: number, options?: { allowHalfOpen: boolean }): Promise<RtmpPeer> {
    const socket = connect({ port, host: "127.0.0.1", ...options });
    const peer = new RtmpPeer(socket);
    await once(socket, "connect");
    return peer;
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (bytes) => {
      for (const word of this.#reader.push(bytes)) {
        const code = codeOf(word);
        if (code !== undefined) this.codes.push(code);
      }
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
    });
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    this.ended = new Promise((resolve) => {
      socket.once("end", resolve);
      socket.once("close", () => resolve());
      // Whatever a broken socket says, it is an end; "close" follows.
      socket.on("error", () => resolve());
    });
  }

  send(...parts: Uint8Array[]): void {
    for (const part of parts) this.socket.write(part);
  }

  async code(code: string): Promise<void> {
    while (!this.codes.includes(code)) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }
}
