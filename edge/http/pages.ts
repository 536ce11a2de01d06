/** The player page and its files on the viewer port, and what `/` leads to. */
import { acceptsGzip } from "../../src/base/accept-encoding.ts";
import type { ParsedPath } from "../../src/hls/path.ts";
import type { FeedState } from "../../src/hls/status.ts";
import type { Asset, PlayerAssets } from "../player/player-assets.ts";
import type { RelayPort } from "./relay-port.ts";
import { endWith } from "./slow-body.ts";
import { writeHead, writeWhole } from "./uws-port.ts";
import type { UwsRequest, UwsResponse } from "./uws.ts";

export interface PagesOptions {
  relayPort: RelayPort;
  assets: PlayerAssets;
  feeds: readonly string[];
  /** Undefined before the feed's first status. */
  stateOf: (feed: string) => FeedState | undefined;
}

const onAir: ReadonlySet<FeedState | undefined> = new Set(["starting", "live", "waiting", "slate"]);

export class Pages {
  readonly #options: PagesOptions;
  readonly #feedList: Asset;

  constructor(options: PagesOptions) {
    this.#options = options;
    this.#feedList = options.assets.feedList(options.feeds);
  }

  write(response: UwsResponse, request: UwsRequest, path: ParsedPath, isHead: boolean): void {
    const { assets, feeds } = this.#options;
    if (path.kind === "root") {
      this.#writeRoot(response, request, isHead);
      return;
    }
    const known = path.kind === "asset" ? assets.files.get(path.name) : this.#page(path);
    if (known !== undefined && (path.kind === "asset" || feeds.includes(path.feed))) {
      this.#writeAsset(response, request, { asset: known, status: 200, isHead });
    } else {
      this.#writeAsset(response, request, { asset: assets.notFound, status: 404, isHead });
    }
  }

  #page(path: Exclude<ParsedPath, { kind: "root" | "asset" }>): Asset {
    const kind = path.kind === "embed" ? "embed" : "watch";
    return this.#options.assets.player(kind, path.feed);
  }

  /** To the one feed there is, or that is on the air; else a list. */
  #writeRoot(response: UwsResponse, request: UwsRequest, isHead: boolean): void {
    const { feeds, stateOf } = this.#options;
    const live = feeds.filter((feed) => onAir.has(stateOf(feed)));
    const candidates = feeds.length === 1 ? feeds : live;
    const [only] = candidates;
    if (only === undefined || candidates.length !== 1) {
      this.#writeAsset(response, request, { asset: this.#feedList, status: 200, isHead });
      return;
    }
    const head = `Location: watch/${only}\r\nCache-Control: no-store`;
    writeWhole(response, { status: 302, head, body: undefined, contentLength: 0 });
  }

  #writeAsset(
    response: UwsResponse,
    request: UwsRequest,
    { asset, status, isHead }: { asset: Asset; status: number; isHead: boolean },
  ): void {
    const lines = Object.entries(asset.headers).map(([key, value]) => `${key}: ${value}`);
    lines.unshift(`Content-Type: ${asset.contentType}`);
    const etag = asset.headers["ETag"];
    if (status === 200 && etag !== undefined && request.getHeader("if-none-match") === etag) {
      writeWhole(response, { status: 304, head: lines.join("\r\n"), body: undefined });
      return;
    }
    const packed = asset.gzip !== undefined && acceptsGzip(request.getHeader("accept-encoding"));
    if (asset.gzip !== undefined && asset.headers["Vary"] === undefined) {
      lines.push("Vary: Accept-Encoding");
    }
    if (packed) lines.push("Content-Encoding: gzip");
    const body = (packed ? asset.gzip : undefined) ?? asset.bytes;
    const head = lines.join("\r\n");
    if (isHead) {
      writeWhole(response, { status, head, body: undefined, contentLength: body.length });
      return;
    }
    writeHead(response, status, head);
    endWith(this.#options.relayPort, response, body);
  }
}
