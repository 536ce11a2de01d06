/**
 * A live feed without an encoder: an HTTP server that behaves as the origin's tier port does (paths,
 * blocking reloads, digests, status and ladder) on the wall clock, with random bytes for segments,
 * or the media it is given. It also serves the multivariant playlist, so viewers can watch it
 * directly. Benchmarks and tests use it where an encoder would only be noise.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import type { LadderDocument } from "../../src/hls/ladder-document.ts";
import type { MediaPlaylist } from "../../src/hls/media-playlist.ts";
import { formatInitName, formatSegmentName } from "../../src/hls/path.ts";
import { statusHoldMsMax, type FeedState, type FeedStatus } from "../../src/hls/status.ts";
import { writeMediaPlaylist } from "../../src/hls/write-media-playlist.ts";
import { writeMultivariantPlaylist } from "../../src/hls/write-multivariant-playlist.ts";
import type { ScriptedMedia } from "./looped-media.ts";
import { randomMedia } from "./random-media.ts";

export interface ScriptedOrigin {
  url: string;
  /** How often each path was asked for; a blocking reload counts with its `_HLS_msn`. */
  requestCounts: ReadonlyMap<string, number>;
  /** Names of the sessions that asked, by CMCD. */
  sessions: ReadonlySet<string>;
  /** SHA-256 of a segment that was or is listed, in hexadecimal. */
  digestOf(of: { rung: number; msn: number }): string;
  /** Turns the status's switch for viewers who help each other. */
  setP2p(p2p: FeedStatus["p2p"]): void;
  /** What the feed is said to do; segments are listed while it is live, and end when it has ended. */
  setState(state: FeedState): void;
  /** When the next segment will be listed. */
  nextListedUnixMs(): number;
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
  /** Segments that a playlist lists; by default 8. */
  playlistCount?: number;
  /** The status's switch for viewers who help each other; by default off. */
  p2p?: FeedStatus["p2p"];
  /** What segments consist of; by default random bytes. */
  media?: ScriptedMedia;
  /** EXT-X-SERVER-CONTROL's HOLD-BACK in the media playlists; by default they say none. */
  holdBackSec?: number;
}

/** As after a lost state folder: Unix seconds, which makes the names as long as they get. */
const firstMsn = 1_795_000_000;
const epoch = 1_795_000_000;
const segmentName = new RegExp(`^${epoch}-(\\d+)\\.m4s$`);
const playlistCountDefault = 8;
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
    digestOf: (of) => origin.digestOf(of),
    setP2p: (p2p) => origin.setP2p(p2p),
    setState: (state) => origin.setState(state),
    nextListedUnixMs: () => origin.nextListedUnixMs(),
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
  /** Of the first segment; later by the time for which no segment was listed. */
  #startUnixMs: number;
  readonly #waiters = new Set<Waiter>();
  readonly #media: ScriptedMedia;
  readonly #digests = new Map<string, string>();
  readonly #playlistCount: number;
  #listedCount: number;
  #p2p: FeedStatus["p2p"];
  #state: FeedState = "live";
  #sinceUnixMs: number;
  #statusVersion: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(feed: ScriptedFeed) {
    this.#feed = feed;
    this.#playlistCount = feed.playlistCount ?? playlistCountDefault;
    this.#listedCount = this.#playlistCount;
    this.#startUnixMs = Math.round(Date.now() - this.#playlistCount * feed.segmentDurationMs);
    this.#statusVersion = this.#startUnixMs;
    this.#sinceUnixMs = this.#startUnixMs;
    this.#p2p = feed.p2p ?? "off";
    this.#media = feed.media ?? randomMedia(feed);
    this.#scheduleNext();
  }

  digestOf({ rung, msn }: { rung: number; msn: number }): string {
    return createHash("sha256")
      .update(this.#media.segment(rung, msn - firstMsn))
      .digest("hex");
  }

  setP2p(p2p: FeedStatus["p2p"]): void {
    this.#p2p = p2p;
    this.#statusVersion += 1;
    this.#wake();
  }

  setState(state: FeedState): void {
    const nowUnixMs = Date.now();
    if (this.#state === "live") this.freeze();
    else if (state === "live") {
      this.#startUnixMs += nowUnixMs - this.#sinceUnixMs;
      this.#scheduleNext();
    }
    this.#state = state;
    this.#sinceUnixMs = nowUnixMs;
    this.#statusVersion += 1;
    this.#wake();
  }

  nextListedUnixMs(): number {
    return this.#startUnixMs + (this.#listedCount + 1) * this.#feed.segmentDurationMs;
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
      () => known !== this.#statusVersion,
      () => json(this.#status()),
      statusHoldMsMax,
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
      () => wanted === null || lastMsn() >= Number(wanted) || this.#state === "ended",
      () => {
        const text = this.#playlistText(kbps);
        response.setHeader("etag", `"${kbps}-${lastMsn()}-${this.#state}"`);
        sendText(request, response, text, "application/vnd.apple.mpegurl");
      },
    );
  }

  #answerObject(file: string, kbps: number, response: ServerResponse): void {
    const isInit = file === formatInitName(initHash(kbps));
    const match = segmentName.exec(file);
    const index = Number(match?.[1]) - firstMsn;
    // Segments stay fetchable for two windows more than they are listed.
    const oldestIndex = this.#listedCount - 3 * this.#playlistCount;
    const isKept = index < this.#listedCount && index >= oldestIndex;
    if (!isInit && !(index >= 0 && isKept)) return notFound(response);
    const body = isInit ? this.#media.init(kbps) : this.#media.segment(kbps, index);
    response.writeHead(200, {
      "content-type": isInit ? "video/mp4" : "video/iso.segment",
      "content-length": body.length,
      "cache-control": "public, max-age=31536000, immutable",
      "repr-digest": this.#digest(`${kbps}/${file}`, body),
      etag: `"${kbps}-${file}"`,
    });
    response.end(body);
  }

  /** Answers when it is time, at the latest after the longest hold. */
  #hold(isReady: () => boolean, answer: () => void, msMax = holdMsMax): void {
    if (isReady()) return answer();
    const waiter: Waiter = {
      isReady,
      answer,
      timer: setTimeout(() => {
        this.#waiters.delete(waiter);
        answer();
      }, msMax),
    };
    this.#waiters.add(waiter);
  }

  /** On the clock, so that a late timer does not stretch the feed. */
  #scheduleNext(): void {
    this.#timer = setTimeout(() => {
      this.#listedCount++;
      this.#wake();
      this.#scheduleNext();
    }, this.nextListedUnixMs() - Date.now());
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) {
      if (!waiter.isReady()) continue;
      clearTimeout(waiter.timer);
      this.#waiters.delete(waiter);
      waiter.answer();
    }
  }

  #playlistText(kbps: number): string {
    const text = writeMediaPlaylist(this.#playlist(kbps));
    const { holdBackSec } = this.#feed;
    if (holdBackSec === undefined) return text;
    const tag = `#EXT-X-SERVER-CONTROL:HOLD-BACK=${holdBackSec.toFixed(1)}`;
    return text.replace("\n#EXT-X-MEDIA-SEQUENCE", `\n${tag}$&`);
  }

  #playlist(kbps: number): MediaPlaylist {
    const firstIndex = this.#listedCount - this.#playlistCount;
    const durationMs = this.#feed.segmentDurationMs;
    return {
      version: 6,
      targetDurationSec: Math.round(durationMs / 1000),
      mediaSequence: firstMsn + firstIndex,
      discontinuitySequence: 0,
      independentSegments: true,
      ended: this.#state === "ended",
      segments: Array.from({ length: this.#playlistCount }, (_, n) => ({
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
      version: this.#statusVersion,
      state: this.#state,
      sinceUnixMs: this.#sinceUnixMs,
      lastSegmentUnixMs: Math.round(this.#startUnixMs + listedMs),
      nowUnixMs: Date.now(),
      viewers: 0,
      p2p: this.#p2p,
      ladderVersion: 1,
    };
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
