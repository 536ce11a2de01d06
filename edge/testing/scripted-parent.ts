/**
 * A parent for tests: a tier port whose every answer a test can script, delay by a barrier or spoil.
 * Without a script it behaves as the origin does, with segments of made-up bytes.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { statusHoldMsMax, type FeedState } from "../../src/hls/status.ts";

export type Script = (request: IncomingMessage, response: ServerResponse) => void;

/** Waits for a change of the parent: a request, a hold. */
interface Watcher {
  isDone(): boolean;
  resolve(): void;
}

export interface ScriptedParentOptions {
  rungs?: readonly string[];
  segmentBytes?: number;
  windowCount?: number;
  firstMsn?: number;
  epoch?: number;
}

export class ScriptedParent {
  /** Requests as `METHOD /path?query`, in order. */
  readonly requests: string[] = [];
  /** Bodies of POSTs. */
  readonly posts: string[] = [];
  state: FeedState = "live";
  version = 1_000;
  ended = false;
  viewers = 0;
  p2p: "off" | "on" = "on";
  ageSec = 0;
  firstMsn: number;
  lastMsn: number;
  epoch: number;
  readonly #options: Required<ScriptedParentOptions>;
  readonly #scripts = new Map<string, Script[]>();
  readonly #held = new Set<() => boolean>();
  readonly #watchers = new Set<Watcher>();
  readonly #server: Server;

  private constructor(options: Required<ScriptedParentOptions>) {
    this.#options = options;
    this.firstMsn = options.firstMsn;
    this.lastMsn = options.firstMsn + options.windowCount - 1;
    this.epoch = options.epoch;
    this.#server = createServer((request, response) => this.#handle(request, response));
  }

  static async start(options: ScriptedParentOptions = {}): Promise<ScriptedParent> {
    const parent = new ScriptedParent({
      rungs: ["300", "750"],
      segmentBytes: 100_000,
      windowCount: 8,
      firstMsn: 100,
      epoch: 7,
      ...options,
    });
    await new Promise<void>((resolve) => parent.#server.listen(0, "127.0.0.1", resolve));
    return parent;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** The next request whose path begins so is answered by the script instead. */
  script(pathPrefix: string, script: Script): void {
    const scripts = this.#scripts.get(pathPrefix) ?? [];
    scripts.push(script);
    this.#scripts.set(pathPrefix, scripts);
  }

  /** Drops the scripts that have not been used. */
  unscript(pathPrefix: string): void {
    this.#scripts.delete(pathPrefix);
  }

  /** Answers the request as if no script had taken it. */
  answer: Script = (request, response) => this.#answer(request, response);

  /** Lists the next segment of every rung and answers whoever was held for it. */
  advance(): void {
    this.lastMsn += 1;
    this.firstMsn += 1;
    this.release();
  }

  /** Changes the status and answers whoever was held for it. */
  announce(state: FeedState): void {
    this.state = state;
    this.version += 1;
    this.release();
  }

  release(): void {
    for (const isOver of [...this.#held]) if (isOver()) this.#held.delete(isOver);
    this.#changed();
  }

  countOf(pathStart: string): number {
    return this.requests.filter((line) => line.startsWith(`GET ${pathStart}`)).length;
  }

  /** Resolves once the condition on this parent holds; checked at every request and change. */
  until(isDone: () => boolean): Promise<void> {
    if (isDone()) return Promise.resolve();
    return new Promise((resolve) => this.#watchers.add({ isDone, resolve }));
  }

  segmentBytes(rung: string, msn: number): Buffer {
    return madeUpBytes(`${rung}/${msn}`, this.#options.segmentBytes);
  }

  initBytes(rung: string): Buffer {
    return madeUpBytes(`init ${rung}`, 900);
  }

  initName(rung: string): string {
    return `init-${createHash("sha256").update(this.initBytes(rung)).digest("hex").slice(0, 16)}.mp4`;
  }

  playlist(rung: string): string {
    const lines = [
      "#EXTM3U",
      "#EXT-X-VERSION:6",
      "#EXT-X-TARGETDURATION:4",
      `#EXT-X-MEDIA-SEQUENCE:${this.firstMsn}`,
      `#EXT-X-MAP:URI="${this.initName(rung)}"`,
    ];
    for (let msn = this.firstMsn; msn <= this.lastMsn; msn++) {
      lines.push("#EXTINF:4.266667,", `${this.epoch}-${msn}.m4s`);
    }
    if (this.ended) lines.push("#EXT-X-ENDLIST");
    return `${lines.join("\n")}\n`;
  }

  segmentPath(rung: string, msn: number): string {
    return `/live/main/${rung}/${this.epoch}-${msn}.m4s`;
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(`${request.method ?? ""} ${request.url ?? ""}`);
    const script = this.#scriptFor(request.url ?? "");
    if (script === undefined) this.#answer(request, response);
    else script(request, response);
    this.#changed();
  }

  #scriptFor(url: string): Script | undefined {
    for (const [prefix, scripts] of this.#scripts) {
      if (url.startsWith(prefix) && scripts.length > 0) return scripts.shift();
    }
    return undefined;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://parent");
    const name = url.pathname.replace("/live/main/", "");
    if (request.method === "POST") {
      this.#takePost(request, response);
    } else if (name === "status.json") {
      this.#answerStatus(response, Number(url.searchParams.get("v") ?? -1));
    } else if (name === "ladder.json") {
      this.#sendJson(response, this.#ladder());
    } else {
      this.#answerRung(request, response, { name, url });
    }
  }

  /** At the latest after the longest hold, as every tier does. */
  #answerStatus(response: ServerResponse, known: number): void {
    let waited = false;
    const timer = setTimeout(() => {
      waited = true;
      this.release();
    }, statusHoldMsMax);
    response.once("close", () => clearTimeout(timer));
    this.#hold(
      response,
      () => waited || this.version !== known,
      () => this.#sendStatus(response),
    );
  }

  #answerRung(
    request: IncomingMessage,
    response: ServerResponse,
    { name, url }: { name: string; url: URL },
  ): void {
    const [rung = "", file = ""] = name.split("/");
    const segment = /^(\d+)-(\d+)\.m4s$/.exec(file);
    if (!this.#options.rungs.includes(rung)) this.#sendNothing(response, 404);
    else if (file === "index.m3u8") {
      const wanted = Number(url.searchParams.get("_HLS_msn") ?? -1);
      const isDue = (): boolean => this.lastMsn >= wanted || this.ended;
      this.#hold(response, isDue, () => this.#sendPlaylist(request, response, rung));
    } else if (file === this.initName(rung)) {
      sendMedia(response, this.initBytes(rung));
    } else if (segment !== null && Number(segment[2]) <= this.lastMsn) {
      sendMedia(response, this.segmentBytes(rung, Number(segment[2])), this.ageSec);
    } else {
      this.#sendNothing(response, 404);
    }
  }

  #hold(response: ServerResponse, isDue: () => boolean, send: () => void): void {
    const isOver = (): boolean => {
      if (response.destroyed) return true;
      if (!isDue()) return false;
      send();
      return true;
    };
    if (!isOver()) this.#held.add(isOver);
  }

  #takePost(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      this.posts.push(Buffer.concat(chunks).toString());
      response.writeHead(204).end();
      this.#changed();
    });
  }

  #sendStatus(response: ServerResponse): void {
    this.#sendJson(response, {
      version: this.version,
      state: this.state,
      sinceUnixMs: 1,
      lastSegmentUnixMs: 2,
      nowUnixMs: 3,
      viewers: this.viewers,
      p2p: this.p2p,
      ladderVersion: 5,
    });
  }

  #ladder(): unknown {
    return {
      version: 5,
      targetDurationSec: 4,
      variants: this.#options.rungs.map((rung) => ({
        rung,
        bandwidthBitsPerSec: Number(rung) * 1_000,
        averageBandwidthBitsPerSec: Number(rung) * 900,
        codecs: "avc1.42c01e,mp4a.40.2",
        width: 640,
        height: 360,
        frameRate: 30,
        stableVariantId: rung,
      })),
    };
  }

  #sendPlaylist(request: IncomingMessage, response: ServerResponse, rung: string): void {
    const plain = Buffer.from(this.playlist(rung));
    const packed = String(request.headers["accept-encoding"]).includes("gzip");
    response.writeHead(200, {
      "content-type": "application/vnd.apple.mpegurl",
      age: String(this.ageSec),
      ...(packed ? { "content-encoding": "gzip" } : {}),
    });
    response.end(packed ? gzipSync(plain) : plain);
  }

  #sendJson(response: ServerResponse, value: unknown): void {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  }

  #sendNothing(response: ServerResponse, status: number): void {
    response.writeHead(status, { "content-length": "0" });
    response.end();
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) {
      if (!watcher.isDone()) continue;
      this.#watchers.delete(watcher);
      watcher.resolve();
    }
  }
}

/** The head of a media answer; `digestOf` other bytes than the body's makes it a wrong one. */
export function mediaHead(bytes: Buffer, digestOf: Buffer = bytes): Record<string, string> {
  return {
    "content-type": "video/mp4",
    "content-length": String(bytes.length),
    "cache-control": "public, max-age=120, immutable",
    etag: `"${createHash("sha256").update(digestOf).digest("hex").slice(0, 16)}"`,
    "repr-digest": `sha-256=:${createHash("sha256").update(digestOf).digest("base64")}:`,
  };
}

export function sendMedia(response: ServerResponse, bytes: Buffer, ageSec = 0): void {
  response.writeHead(200, { ...mediaHead(bytes), age: String(ageSec) });
  response.end(bytes);
}

function madeUpBytes(seed: string, length: number): Buffer {
  const block = createHash("sha512").update(seed).digest();
  return Buffer.alloc(length, block);
}
