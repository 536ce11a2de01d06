/**
 * A viewer port for tests of the page: serves the page and a recorded ladder as if it were live, on
 * the wall clock, and does whatever may go wrong when told to.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parseRung } from "../../../src/hls/path.ts";
import type { FeedState, FeedStatus } from "../../../src/hls/status.ts";
import type { QoeReport } from "../../qoe/qoe-report.ts";
import type { Asset, PlayerAssets } from "../player-assets.ts";
import { captionsMedia, captionsText, streamInfWithCaptions } from "./live-captions.ts";
import { LiveRoom } from "./live-room.ts";
import type { RecordedLadder } from "../../../src/node/testing/recorded-ladder.ts";

const windowSegmentCount = 8;
const holdMsMax = 8_000;

interface ListedSegment {
  index: number;
  unixMs: number;
  discontinuity: boolean;
}

export type Trouble = "none" | "down" | "full" | "missing" | "brokenMedia" | "noMedia";

export class LiveServer {
  viewers = 1_234;
  trouble: Trouble = "none";
  /** How far behind live players are to stay; null: three segments, of their own accord. */
  holdBackSec: number | null = null;
  /** What segments' answers say of the cache. */
  cacheWord = "hit";
  /** Every request's path and query, in order. */
  readonly requests: string[] = [];
  /** Languages that the broadcast has captions in. */
  captionLanguages: readonly string[] = [];
  /** Lines of the CMCD events that were posted. */
  readonly cmcdEvents: string[] = [];
  /** Beacons that were posted, and what they are answered. */
  readonly qoeBeacons: QoeReport[] = [];
  qoeStatus = 204;
  readonly room = new LiveRoom(() => this.#status());
  readonly #server = createServer((request, response) => this.#answer(request, response));
  readonly #assets: PlayerAssets;
  readonly #ladder: RecordedLadder;
  readonly #path: string;
  #state: FeedState = "offline";
  #version = Date.now();
  #sinceUnixMs = Date.now();
  #listed: ListedSegment[] = [];
  #msnFirst = 0;
  #discontinuitySequence = 0;
  #nextUnixMs = Infinity;
  #nextIndex = 0;
  #nextDiscontinuity = false;
  #waiters = new Set<() => void>();

  /** path: what stands before the URLs, such as `/t/token`. */
  constructor(options: { assets: PlayerAssets; ladder: RecordedLadder; path?: string }) {
    this.#assets = options.assets;
    this.#ladder = options.ladder;
    this.#path = options.path ?? "";
    this.#server.on("upgrade", (request, socket) => {
      if (this.trouble === "none") this.room.upgrade(request, socket);
      else socket.destroy();
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}${this.#path}`;
  }

  async close(): Promise<void> {
    this.room.breakDown();
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  /** A broadcast that has been on for a full window. */
  goLive(): void {
    const segmentMs = this.#ladder.segmentDurationSec * 1000;
    this.#msnFirst += this.#listed.length;
    if (this.#listed.length > 0) this.#discontinuitySequence += 1;
    this.#listed = [];
    this.#nextIndex = 0;
    this.#nextUnixMs = Date.now() - windowSegmentCount * segmentMs;
    this.#nextDiscontinuity = false;
    this.setState("live");
  }

  setState(state: FeedState): void {
    this.#state = state;
    this.#version += 1;
    this.#sinceUnixMs = Date.now();
    for (const wake of this.#waiters) wake();
    this.room.pushStatus();
  }

  /** The publisher goes away: no new segments. The state follows only if the origin noticed. */
  loseSource({ noticed }: { noticed: boolean }): void {
    this.#advance();
    this.#nextUnixMs = Infinity;
    if (noticed) this.setState("waiting");
  }

  /** The publisher is back, on a new epoch. */
  regainSource(): void {
    this.#nextUnixMs = Date.now();
    this.#nextDiscontinuity = true;
    this.setState("live");
  }

  end(): void {
    this.#advance();
    this.#nextUnixMs = Infinity;
    this.setState("ended");
  }

  /** Lists what has become due by now. */
  #advance(): void {
    const segmentMs = this.#ladder.segmentDurationSec * 1000;
    const segmentCount = this.#ladder.rungs[0]!.segments.length;
    while (this.#nextUnixMs + segmentMs <= Date.now()) {
      const index = this.#nextIndex % segmentCount;
      const discontinuity = this.#nextDiscontinuity || (index === 0 && this.#nextIndex > 0);
      this.#listed.push({ index, unixMs: this.#nextUnixMs, discontinuity });
      this.#announce(index);
      this.#nextDiscontinuity = false;
      this.#nextIndex += 1;
      this.#nextUnixMs += segmentMs;
      if (this.#listed.length > windowSegmentCount) {
        this.#msnFirst += 1;
        if (this.#listed.shift()!.discontinuity) this.#discontinuitySequence += 1;
      }
    }
  }

  /** Tells the room of the newest segment, named as it will stand in the playlist. */
  #announce(index: number): void {
    const isFull = this.#listed.length > windowSegmentCount;
    const epoch = this.#msnFirst + (isFull ? 1 : 0) + Math.min(this.#listed.length, 8) - 1;
    for (const rung of this.#ladder.rungs) {
      const bytes = rung.segments[index];
      if (bytes === undefined) continue;
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const facts = { rung: parseRung(rung.rung)!, epoch, msn: index };
      this.room.announce({ ...facts, bytes: bytes.length, sha256 });
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://test");
    this.requests.push(url.pathname + url.search);
    if (this.trouble === "down") {
      request.socket.destroy();
      return;
    }
    const path = url.pathname.startsWith(this.#path) ? url.pathname.slice(this.#path.length) : "";
    if (request.method === "POST") this.#takePost(path, request, response);
    else this.#answerGet(response, { path, url });
  }

  #answerGet(response: ServerResponse, { path, url }: { path: string; url: URL }): void {
    const [, area = "", name = "", rung = "", file = ""] = path.split("/");
    if (path === "/") this.#sendAsset(response, 200, this.#assets.feedList(["main", "backstage"]));
    else if (area === "watch") this.#sendAsset(response, 200, this.#assets.player("watch", name));
    else if (area === "embed") this.#sendAsset(response, 200, this.#assets.player("embed", name));
    else if (area === "assets" && this.#assets.files.has(name)) {
      this.#sendAsset(response, 200, this.#assets.files.get(name)!);
    } else if (area === "live" && this.trouble !== "missing") {
      this.#answerLive(response, { file: rung, url, rung, name: file });
    } else if (area === "live") send(response, 404, "text/plain", "not found");
    else this.#sendAsset(response, 404, this.#assets.notFound);
  }

  #takePost(path: string, request: IncomingMessage, response: ServerResponse): void {
    let body = "";
    request.setEncoding("latin1").on("data", (text: string) => (body += text));
    request.on("end", () => {
      if (path === "/cmcd") this.cmcdEvents.push(...body.split("\n"));
      else this.qoeBeacons.push(JSON.parse(body) as QoeReport);
      response.writeHead(path === "/cmcd" ? 204 : this.qoeStatus).end();
    });
  }

  #answerLive(
    response: ServerResponse,
    { file, url, rung, name }: { file: string; url: URL; rung: string; name: string },
  ): void {
    this.#advance();
    if (file === "status.json") {
      const version = url.searchParams.get("v");
      if (version !== null && Number(version) === this.#version) this.#hold(response);
      else this.#sendStatus(response);
      return;
    }
    const hasMedia = this.#listed.length > 0 && this.#state !== "offline";
    if (!hasMedia || this.#state === "starting") {
      send(response, 404, "text/plain", "not found");
    } else if (file === "index.m3u8") {
      const languages = this.captionLanguages;
      const variants = this.#ladder.rungs.map(
        (one) =>
          `#EXT-X-STREAM-INF:${streamInfWithCaptions(one.streamInf, languages)}\n` +
          `${one.rung}/index.m3u8\n`,
      );
      const lines = [`#EXTM3U\n`, ...captionsMedia(languages), ...variants];
      send(response, 200, playlistType, lines.join(""));
    } else {
      this.#answerRung(response, rung, name);
    }
  }

  #answerRung(response: ServerResponse, rungName: string, name: string): void {
    if (rungName.startsWith("captions-")) {
      this.#answerCaptions(response, rungName.slice("captions-".length), name);
      return;
    }
    const rung = this.#ladder.rungs.find((one) => one.rung === rungName);
    const index = Number(/^\d+-(\d+)\.m4s$/.exec(name)?.[1] ?? NaN);
    if (rung === undefined) send(response, 404, "text/plain", "not found");
    else if (name === "index.m3u8") send(response, 200, playlistType, this.#mediaPlaylist("m4s"));
    else if (this.trouble === "noMedia") send(response, 404, "text/plain", "not found");
    else if (name === "init.mp4") send(response, 200, "video/mp4", rung.init);
    else {
      const segment = rung.segments[index];
      if (segment === undefined) send(response, 404, "text/plain", "not found");
      else if (this.trouble === "brokenMedia") send(response, 200, "video/mp4", broken(segment));
      else {
        response.setHeader("X-Cache", this.cacheWord);
        send(response, 200, "video/mp4", segment);
      }
    }
  }

  #answerCaptions(response: ServerResponse, language: string, name: string): void {
    const index = Number(/^\d+-(\d+)\.vtt$/.exec(name)?.[1] ?? NaN);
    const fromSec = index * this.#ladder.segmentDurationSec;
    const toSec = fromSec + this.#ladder.segmentDurationSec;
    if (name === "index.m3u8") send(response, 200, playlistType, this.#mediaPlaylist("vtt"));
    else send(response, 200, "text/vtt", captionsText(language, { fromSec, toSec, index }));
  }

  #mediaPlaylist(ending: "m4s" | "vtt"): string {
    const { segmentDurationSec } = this.#ladder;
    const lines = [
      "#EXTM3U",
      "#EXT-X-VERSION:7",
      `#EXT-X-TARGETDURATION:${Math.round(segmentDurationSec)}`,
      `#EXT-X-MEDIA-SEQUENCE:${this.#msnFirst}`,
      `#EXT-X-DISCONTINUITY-SEQUENCE:${this.#discontinuitySequence}`,
      ...(this.holdBackSec === null
        ? []
        : [`#EXT-X-SERVER-CONTROL:HOLD-BACK=${this.holdBackSec.toFixed(1)}`]),
      ...(ending === "m4s" ? [mapLine] : []),
    ];
    this.#listed.forEach(({ index, unixMs, discontinuity }, at) => {
      if (discontinuity) lines.push("#EXT-X-DISCONTINUITY");
      if (discontinuity && ending === "m4s") lines.push(mapLine);
      lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(unixMs).toISOString()}`);
      lines.push(`#EXTINF:${segmentDurationSec.toFixed(5)},`);
      lines.push(`${this.#msnFirst + at}-${index}.${ending}`);
    });
    if (this.#state === "ended") lines.push("#EXT-X-ENDLIST");
    return `${lines.join("\n")}\n`;
  }

  #hold(response: ServerResponse): void {
    const wake = (): void => {
      clearTimeout(timer);
      this.#waiters.delete(wake);
      this.#sendStatus(response);
    };
    const timer = setTimeout(wake, holdMsMax);
    this.#waiters.add(wake);
    response.on("close", () => {
      clearTimeout(timer);
      this.#waiters.delete(wake);
    });
  }

  #sendStatus(response: ServerResponse): void {
    if (this.trouble === "full") {
      send(response, 503, "text/plain", "full");
      return;
    }
    send(response, 200, "application/json", JSON.stringify(this.#status()));
  }

  #status(): FeedStatus {
    const last = this.#listed.at(-1);
    return {
      version: this.#version,
      state: this.#state,
      sinceUnixMs: this.#sinceUnixMs,
      lastSegmentUnixMs:
        last === undefined ? 0 : Math.round(last.unixMs + this.#ladder.segmentDurationSec * 1000),
      nowUnixMs: Date.now(),
      viewers: this.viewers,
      p2p: "on",
      ladderVersion: 1,
    };
  }

  #sendAsset(response: ServerResponse, status: number, asset: Asset): void {
    const body = asset.gzip ?? asset.bytes;
    response.writeHead(status, {
      ...asset.headers,
      "Content-Type": asset.contentType,
      "Content-Length": body.length,
      ...(asset.gzip === undefined ? {} : { "Content-Encoding": "gzip" }),
    });
    response.end(body);
  }
}

const mapLine = '#EXT-X-MAP:URI="init.mp4"';
const playlistType = "application/vnd.apple.mpegurl";

function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string | Uint8Array,
): void {
  response.writeHead(status, { "Content-Type": contentType, "Cache-Control": "no-cache" });
  response.end(body);
}

/** The same boxes, with every byte of media inverted. */
function broken(segment: Buffer): Buffer {
  const copy = Buffer.from(segment);
  for (let i = copy.indexOf("mdat") + 4; i < copy.length; i += 1) copy[i] = copy[i]! ^ 0xff;
  return copy;
}
