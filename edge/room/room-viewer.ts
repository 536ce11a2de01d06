/** One viewer in the room: what is kept of its socket for as long as it is open. */
import { randomBytes } from "node:crypto";
import { lineKey } from "../../src/base/ip-address.ts";
import type { ViewerMessage } from "../../src/swarm/room-messages.ts";
import type { PeerId } from "../../src/swarm/room-messages.ts";
import type { UwsSocket } from "../http/uws.ts";
import type { Introduction } from "./introductions.ts";
import type { BudgetLeft } from "../../src/base/rate-budget.ts";
import type { ReportClaim } from "./report-claim.ts";
import type { Addressed } from "./socket-addresses.ts";

export type Watch = Extract<ViewerMessage, { kind: "watch" }>;

/** 128 bits, so that nobody comes upon another's by trying. */
const idBytes = 16;

/** How often a viewer may come to a cell of another rung: players change now and then, not for long. */
export const moveBudget = { perSec: 0.2, burst: 5 } as const;

export interface RoomGuest {
  feed: number;
  sid: string;
  address: string;
}

export class RoomViewer implements BudgetLeft, Addressed {
  readonly id: PeerId = randomBytes(idBytes).toString("base64url");
  readonly feed: number;
  /** CMCD's session, by which the viewer's requests are known; "" when it does not say. */
  readonly sid: string;
  /** Where it is, as text. */
  readonly address: string;
  readonly addressKey: string;
  /** Undefined before it is open. */
  socket: UwsSocket<RoomViewer> | undefined;
  left: number;
  sinceMs: number;
  /** What it watches and shares; undefined before it has said so. */
  watch: Watch | undefined;
  /** When it last came to a cell of another rung. */
  movedMs = -Infinity;
  /** Topic of its cell; "" while it is in none. */
  cellTopic = "";
  readonly movesLeft: BudgetLeft;
  /** What its next report may say; undefined while it has none to make. */
  claim: ReportClaim | undefined;
  /** Whether it has been known to anybody since its last report. */
  hadPeers = false;
  /** Its side of each that the room made it known to, as long as the two are linked. */
  readonly introductions = new Map<PeerId, Introduction>();
  readonly introductionsLeft: BudgetLeft;
  /** Why the room closes it, by the slot of the counter; -1: it does not. */
  closedFor = -1;

  constructor(
    { feed, sid, address }: RoomGuest,
    { messageCount, introductionCount }: { messageCount: number; introductionCount: number },
    nowMs: number,
  ) {
    this.feed = feed;
    this.sid = sid;
    this.address = address;
    this.addressKey = lineKey(address);
    this.left = messageCount;
    this.sinceMs = nowMs;
    this.movesLeft = { left: moveBudget.burst, sinceMs: nowMs };
    this.introductionsLeft = { left: introductionCount, sinceMs: nowMs };
  }
}
