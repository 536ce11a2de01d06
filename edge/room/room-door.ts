/**
 * Who may enter the room: a viewer of a feed of this edge, from a page of this edge or of an origin
 * that is let in, while there is room. Browsers say of which page they are, programs do not.
 */
import { lineKey } from "../../src/base/ip-address.ts";
import { emptyPath, parsePath } from "../../src/hls/path.ts";
import { isSessionId } from "../cmcd/cmcd-report.ts";
import { ownText } from "../cmcd/query-scan.ts";
import { fixedReplies, type FixedReply } from "../http/response-head.ts";
import type { UwsRequest } from "../http/uws.ts";
import { roomCount } from "./room-counts.ts";
import type { RoomGuest } from "./room-viewer.ts";

export interface RoomDoorOptions {
  feeds: readonly string[];
  socketCountMax: number;
  /** In lower case. */
  allowedOrigins: readonly string[];
  counts: Float64Array;
  /** Whether the address has as many sockets as one may have. */
  isFull: (addressKey: string) => boolean;
  /** Has one of an address that has more make room; whether one did. */
  makeRoom: (addressKey: string) => boolean;
}

export class RoomDoor {
  readonly #options: RoomDoorOptions;
  readonly #path = emptyPath();
  #isShut = false;

  constructor(options: RoomDoorOptions) {
    this.#options = options;
  }

  /** Nobody is let in any more. */
  shut(): void {
    this.#isShut = true;
  }

  /** Whom the request from that address is from, or how it is refused. */
  admit(request: UwsRequest, address: string): RoomGuest | FixedReply {
    const path = parsePath(request.getUrl(), this.#path);
    const feed = path?.kind === "room" ? this.#options.feeds.indexOf(path.feed) : -1;
    if (feed === -1) return fixedReplies.notFound;
    if (this.#isShut) return fixedReplies.unavailable;
    const { counts, socketCountMax, isFull, makeRoom } = this.#options;
    if (!this.#isOriginAllowed(request)) {
      counts[roomCount.refusedOrigin]! += 1;
      return fixedReplies.forbiddenOrigin;
    }
    const sid = sidOf(request.getQuery() ?? "");
    if (sid === undefined) {
      counts[roomCount.refusedSession]! += 1;
      return fixedReplies.badRequest;
    }
    const addressKey = lineKey(address);
    if (isFull(addressKey)) {
      counts[roomCount.refusedAddress]! += 1;
      return fixedReplies.roomFull;
    }
    if (counts[roomCount.sockets]! >= socketCountMax && !makeRoom(addressKey)) {
      counts[roomCount.refusedFull]! += 1;
      return fixedReplies.roomFull;
    }
    return { feed, sid, address };
  }

  #isOriginAllowed(request: UwsRequest): boolean {
    const origin = request.getHeader("origin").toLowerCase();
    if (origin === "") return true;
    if (this.#options.allowedOrigins.includes(origin)) return true;
    const host = /^https?:\/\/([^/?#@]+)$/.exec(origin)?.[1];
    return host === request.getHeader("host").toLowerCase();
  }
}

/** The session that the query names, "" for none; undefined when that is malformed. */
function sidOf(query: string): string | undefined {
  const pair = query.split("&").find((one) => one.startsWith("sid="));
  if (pair === undefined) return "";
  const sid = pair.slice(4);
  return isSessionId(sid) ? ownText(sid) : undefined;
}
