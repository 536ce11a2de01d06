/**
 * A live feed without media: an HTTP server that behaves as the origin's tier port does (paths,
 * blocking reloads, digests, status and ladder), with segments of random bytes on the wall clock.
 * It also serves the multivariant playlist, so viewers can watch it directly. Benchmarks and tests
 * of the load generator use it where an encoder would only be noise.
 */
import { createHash, randomFillSync } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import type { LadderDocument } from "../../src/hls/ladder-document.ts";
import type { MediaPlaylist } from "../../src/hls/media-playlist.ts";
import { formatInitName, formatSegmentName } from "../../src/hls/path.ts";
import type { FeedStatus } from "../../src/hls/status.ts";
import { writeMediaPlaylist } from "../../src/hls/write-media-playlist.ts";
import { writeMultivariantPlaylist } from "../../src/hls/write-multivariant-playlist.ts";

export interface ScriptedOrigin {
  url: string;
  /** How often each path was asked for; a blocking reload counts with its `_HLS_msn`. */
  requestCounts: ReadonlyMap<string, number>;
  /** Names of the sessions that asked, by CMCD. */
  sessions: ReadonlySet<string>;
  /** Lists no further segment, while it goes on answering. */
  freeze(): void;
  close(): Promise<void>;
}

export interface ScriptedFeed {
  feed: string;
  rungs: readonly { kbps: number; width: number; height: number }[];
  segmentDurationMs: number;
  /** Bytes of a segment; by default what the rung's rate and duration make. */
  segmentBytes?: number;
}

/** As after a lost state folder: Unix seconds, which makes the names as long as they get. */
const firstMsn = 1_795_000_000;
const epoch = 1_795_000_000;
const segmentName = new RegExp(`^${epoch}-(\\d+)\\.m4s$`);
const windowCount = 8;
/** Segments stay fetchable for two windows more than they are listed. */
const keptCount = 3 * windowCount;
const holdMsMax = 8_000;

/** Starts on a free loopback port; the window is full from the first moment on. */
export async function startScriptedOrigin(feed: ScriptedFeed): Promise<ScriptedOrigin> {
  const origin = new Origin(feed);
  const server = createServer((request, response) => origin.answer(request, response));
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requestCounts: origin.requestCounts,
    sessions: origin.sessions,
    freeze: () => origin.freeze(),
    close: () =>
      new Promise((resolve) => {
        origin.stop();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Waiter {
  isReady: () => boolean;
  answer: () => void;
  timer: NodeJS.Timeout;
}

class Origin {
  readonly requestCounts = new Map<string, number>();
  readonly sessions = new Set<string>();
  readonly #feed: ScriptedFeed;
  readonly #startUnixMs: number;
  readonly #waiters = new Set<Waiter>();
  readonly #noise: Uint8Array;
  readonly #digests = new Map<string, string>();
  #listedCount = windowCount;
  #timer: NodeJS.Timeout | undefined;

  constructor(feed: ScriptedFeed) {
    this.#feed = feed;
    this.#startUnixMs = Date.now() - windowCount * feed.segmentDurationMs;
    const bytesMax = Math.max(...feed.rungs.map((rung) => this.#segmentBytes(rung.kbps)));
    this.#noise = randomFillSync(new Uint8Array(bytesMax + 65_536));
    this.#scheduleNext();
  }

  freeze(): void {
    clearTimeout(this.#timer);
  }

  stop(): void {
    this.freeze();
    for (const waiter of this.#waiters) clearTimeout(waiter.timer);
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://origin");
    const wanted = url.searchParams.get("_HLS_msn");
    const counted = wanted === null ? url.pathname : `${url.pathname}?_HLS_msn=${wanted}`;
    this.requestCounts.set(counted, (this.requestCounts.get(counted) ?? 0) + 1);
    const [, session] = /\bsid="([^"]+)"/.exec(url.searchParams.get("CMCD") ?? "") ?? [];
    if (session !== undefined) this.sessions.add(session);
    const [, live, feed, ...rest] = url.pathname.split("/");
    if (live !== "live" || feed !== this.#feed.feed) return notFound(response);
    if (request.method === "POST") return void response.writeHead(204).end();
    const [name = "", file] = rest;
    if (file === undefined) return this.#answerFeedFile(name, url, request, response);
    const rung = this.#feed.rungs.find(({ kbps }) => String(kbps) === name);
    if (rung === undefined) return notFound(response);
    if (file === "index.m3u8") return this.#answerPlaylist(wanted, rung.kbps, request, response);
    return this.#answerObject(file, rung.kbps, response);
  }

  #answerFeedFile(
    name: string,
    url: URL,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const json = (body: unknown) =>
      sendText(request, response, JSON.stringify(body), "application/json");
    if (name === "ladder.json") return json(this.#ladder());
    if (name === "index.m3u8") {
      const text = writeMultivariantPlaylist(this.#ladder());
      return sendText(request, response, text, "application/vnd.apple.mpegurl");
    }
    if (name !== "status.json") return notFound(response);
    const known = Number(url.searchParams.get("v") ?? -1);
    this.#hold(
      () => known !== this.#startUnixMs,
      () => json(this.#status()),
    );
  }

  #answerPlaylist(
    wanted: string | null,
    kbps: number,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const lastMsn = () => firstMsn + this.#listedCount - 1;
    if (wanted !== null && Number(wanted) > lastMsn() + 2) {
      return void response.writeHead(400).end();
    }
    this.#hold(
      () => wanted === null || lastMsn() >= Number(wanted),
      () => {
        const text = writeMediaPlaylist(this.#playlist(kbps));
        response.setHeader("etag", `"${kbps}-${lastMsn()}"`);
        sendText(request, response, text, "application/vnd.apple.mpegurl");
      },
    );
  }

  #answerObject(file: string, kbps: number, response: ServerResponse): void {
    const isInit = file === formatInitName(initHash(kbps));
    const match = segmentName.exec(file);
    const index = Number(match?.[1]) - firstMsn;
    const isKept = index < this.#listedCount && index >= this.#listedCount - keptCount;
    if (!isInit && !(index >= 0 && isKept)) return notFound(response);
    const offset = isInit ? 0 : (index * 257) % 65_536;
    const byteCount = isInit ? 700 : this.#segmentBytes(kbps);
    const body = this.#noise.subarray(offset, offset + byteCount);
    response.writeHead(200, {
      "content-type": isInit ? "video/mp4" : "video/iso.segment",
      "content-length": byteCount,
      "cache-control": "public, max-age=31536000, immutable",
      "repr-digest": this.#digest(`${kbps}/${file}`, body),
      etag: `"${kbps}-${file}"`,
    });
    response.end(body);
  }

  /** Answers when it is time, at the latest after the longest hold. */
  #hold(isReady: () => boolean, answer: () => void): void {
    if (isReady()) return answer();
    const waiter: Waiter = {
      isReady,
      answer,
      timer: setTimeout(() => {
        this.#waiters.delete(waiter);
        answer();
      }, holdMsMax),
    };
    this.#waiters.add(waiter);
  }

  /** On the clock, so that a late timer does not stretch the feed. */
  #scheduleNext(): void {
    const dueUnixMs = this.#startUnixMs + (this.#listedCount + 1) * this.#feed.segmentDurationMs;
    this.#timer = setTimeout(() => {
      this.#listedCount++;
      for (const waiter of [...this.#waiters]) {
        if (!waiter.isReady()) continue;
        clearTimeout(waiter.timer);
        this.#waiters.delete(waiter);
        waiter.answer();
      }
      this.#scheduleNext();
    }, dueUnixMs - Date.now());
  }

  #playlist(kbps: number): MediaPlaylist {
    const firstIndex = this.#listedCount - windowCount;
    const durationMs = this.#feed.segmentDurationMs;
    return {
      version: 6,
      targetDurationSec: Math.round(durationMs / 1000),
      mediaSequence: firstMsn + firstIndex,
      discontinuitySequence: 0,
      independentSegments: true,
      ended: false,
      segments: Array.from({ length: windowCount }, (_, n) => ({
        uri: formatSegmentName({ epoch, msn: firstMsn + firstIndex + n }),
        durationUs: Math.round(durationMs * 1000),
        discontinuity: false,
        mapUri: formatInitName(initHash(kbps)),
        programDateTimeUnixMs: Math.round(this.#startUnixMs + (firstIndex + n) * durationMs),
      })),
    };
  }

  #ladder(): LadderDocument {
    return {
      version: 1,
      targetDurationSec: Math.round(this.#feed.segmentDurationMs / 1000),
      variants: this.#feed.rungs.map(({ kbps, width, height }) => ({
        rung: String(kbps),
        bandwidthBitsPerSec: kbps * 1000,
        averageBandwidthBitsPerSec: kbps * 1000,
        codecs: "avc1.42c01e,mp4a.40.2",
        width,
        height,
        frameRate: 30,
        stableVariantId: String(kbps),
      })),
    };
  }

  #status(): FeedStatus {
    const listedMs = this.#listedCount * this.#feed.segmentDurationMs;
    return {
      version: this.#startUnixMs,
      state: "live",
      sinceUnixMs: this.#startUnixMs,
      lastSegmentUnixMs: this.#startUnixMs + listedMs,
      nowUnixMs: Date.now(),
      viewers: 0,
      p2p: "off",
      ladderVersion: 1,
    };
  }

  #segmentBytes(kbps: number): number {
    return this.#feed.segmentBytes ?? Math.round((kbps * this.#feed.segmentDurationMs) / 8);
  }

  #digest(key: string, body: Uint8Array): string {
    let digest = this.#digests.get(key);
    if (digest === undefined) {
      digest = `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
      this.#digests.set(key, digest);
    }
    return digest;
  }
}

function initHash(kbps: number): string {
  return String(kbps).padStart(8, "0");
}

function sendText(
  request: IncomingMessage,
  response: ServerResponse,
  text: string,
  contentType: string,
): void {
  const isGzip = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
  const body = isGzip ? gzipSync(text) : Buffer.from(text);
  response.writeHead(200, {
    "content-type": contentType,
    "content-length": body.length,
    "cache-control": "max-age=1",
    vary: "accept-encoding",
    ...(isGzip ? { "content-encoding": "gzip" } : {}),
  });
  response.end(body);
}

function notFound(response: ServerResponse): void {
  response.writeHead(404, { "content-length": 0 }).end();
}
