/**
 * The room of an edge: one WebSocket a viewer, over which the edge says what the feed does, and
 * viewers who share find each other. It owns the sockets, their bounds and their counters; what is
 * said to whom in a feed is feed-room.ts.
 */
import type { Clock } from "../../src/base/clock.ts";
import { kbpsToBitsPerSec } from "../../src/base/units.ts";
import type { Config } from "../../src/config/schema.ts";
import { admitSignal } from "../../src/swarm/admit-signal.ts";
import type { SwarmPolicy } from "../../src/swarm/policy.ts";
import { readViewerMessage } from "../../src/swarm/read-viewer-message.ts";
import { returnReason } from "../../src/swarm/return-reason.ts";
import {
  roomMessageBytesMax,
  type Signal,
  type SwarmReport,
  type ViewerMessage,
} from "../../src/swarm/room-messages.ts";
import type { RelayDriver } from "../fill/relay-driver.ts";
import type { RelayPort } from "../http/relay-port.ts";
import type { TrustedProxies } from "../http/trusted-proxies.ts";
import { upgradeTo, type UwsSocket, type UwsSockets } from "../http/uws.ts";
import { writeWhole } from "../http/uws-port.ts";
import { tracksPerFeed } from "../../src/relay/objects.ts";
import { uploadKbpsUnlimited } from "../transfer-claim.ts";
import { announcementOf, recentSegments } from "./whole-segments.ts";
import { FeedRoom, type FeedLadder } from "./feed-room.ts";
import { maySay, noteSaid } from "./introductions.ts";
import { PlaceQueue } from "./place-queue.ts";
import { refill, takeOne, type BudgetLeft, type RateBudget } from "../../src/base/rate-budget.ts";
import { rungKbps } from "./report-claim.ts";
import { roomCount, roomCountSlots } from "./room-counts.ts";
import { RoomDoor } from "./room-door.ts";
import { RoomViewer } from "./room-viewer.ts";
import { perMinute, SocketAddresses } from "./socket-addresses.ts";
import { SwarmTotals } from "./swarm-totals.ts";

export interface RoomOptions {
  feeds: readonly string[];
  settings: Config["room"];
  relayPort: RelayPort;
  clock: Clock;
  /** From 0 to below 1. */
  random: () => number;
  policyOf: (feed: number) => SwarmPolicy;
  trustedProxies: TrustedProxies;
  /** Whether a TURN server relays from the address, which is in `shownAddress`'s full form. */
  isRelay: (address: string) => boolean;
  /** Most that a viewer sends to others; 0: no ceiling. */
  uploadKbpsMax: number;
}

const tickMs = 500;
/** Between two turns of those who wait for a place. */
const placeTickMs = 50;
const idleSec = 120;
/** RFC 6455 section 7.4.1 and the IANA registry. */
const closeCode = { unsupported: 1003, policy: 1008, restart: 1012, later: 1013 } as const;
/** Signalling comes in bursts: who is placed calls at once. */
const signalBurstSec = 2;

export class Room {
  readonly counts = new Float64Array(roomCountSlots);
  readonly totals: SwarmTotals;
  readonly sockets: UwsSockets<RoomViewer>;
  readonly #options: RoomOptions;
  readonly #driver: RelayDriver;
  readonly #feeds: readonly FeedRoom[];
  readonly #door: RoomDoor;
  readonly #places: PlaceQueue<RoomViewer>;
  readonly #addresses: SocketAddresses<RoomViewer>;
  readonly #signalBudget: RateBudget;
  readonly #signalsLeft: BudgetLeft;
  /** Sockets by feed and session: a viewer who comes again is one viewer. */
  readonly #sessions: readonly Map<string, number>[];
  #publish: (topic: string, text: string) => void = () => undefined;
  #timers: NodeJS.Timeout[] = [];
  #memberKbps = 0;

  constructor(options: RoomOptions) {
    const { feeds, settings, clock } = options;
    this.#options = options;
    this.#driver = options.relayPort.driver;
    this.totals = new SwarmTotals(feeds.length);
    this.#sessions = feeds.map(() => new Map<string, number>());
    const { signalsPerSecMax } = settings;
    this.#signalBudget = { perSec: signalsPerSecMax, burst: signalBurstSec * signalsPerSecMax };
    this.#signalsLeft = { left: this.#signalBudget.burst, sinceMs: clock.nowMs() };
    this.#places = new PlaceQueue({
      perSecMax: settings.joinsPerSecMax,
      isHeld: (nowMs) => this.#areSignalsMany(nowMs),
      place: (viewer, nowMs) => this.#feeds[viewer.feed]!.place(viewer, nowMs),
    });
    this.#addresses = new SocketAddresses({
      addressSocketCountMax: settings.addressSocketCountMax,
      introductions: perMinute(settings.introductionsPerMinMax),
      addressIntroductions: perMinute(settings.addressIntroductionsPerMinMax),
    });
    this.#feeds = feeds.map((_, feed) => this.#feedRoom(feed));
    this.#door = new RoomDoor({
      feeds,
      socketCountMax: settings.socketCountMax,
      allowedOrigins: settings.allowedOrigins,
      counts: this.counts,
      isFull: (addressKey) => this.#addresses.isFull(addressKey),
      makeRoom: (addressKey) => this.#makeRoom(addressKey),
    });
    this.sockets = this.#socketHandlers();
  }

  /** `publish` is the server's. */
  start(publish: (topic: string, text: string) => void): void {
    this.#publish = publish;
    this.#timers = [
      setInterval(() => this.#tick(), tickMs),
      setInterval(() => this.#places.tick(this.#options.clock.nowMs()), placeTickMs),
    ];
  }

  /** Tells every viewer to go to another edge, not all of them at once. */
  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#door.shut();
    const { joinsPerSecMax } = this.#options.settings;
    const reason = returnReason((this.counts[roomCount.sockets]! * 1_000) / joinsPerSecMax);
    for (const feed of this.#feeds) {
      feed.disband();
      for (const { socket } of [...feed.viewers.values()]) {
        socket?.end(closeCode.restart, reason);
      }
    }
  }

  statusTaken(feed: number): void {
    this.#feeds[feed]!.statusTaken(this.#options.clock.nowMs());
  }

  policyChanged(feed: number): void {
    this.#feeds[feed]!.policyChanged(this.#options.clock.nowMs());
  }

  /** A segment is whole in the relay's cache. */
  segmentComplete(object: number): void {
    const { objects, tracks } = this.#driver.node.state;
    const { feed, rung } = tracks[objects.track[object]!]!;
    this.#feeds[feed]!.forgetRecent(rung);
    if (this.#feeds[feed]!.cells.ofRung(rung).size === 0) return;
    const announcement = announcementOf(this.#driver, object);
    if (announcement === undefined) return;
    this.#feeds[feed]!.announce(announcement, this.#options.clock.nowMs());
  }

  /** What the rungs of all who are in cells have a second; brought up to date twice a second. */
  get memberBitsPerSec(): number {
    return kbpsToBitsPerSec(this.#memberKbps);
  }

  /** Viewers of the feed who are in the room. */
  viewerCount(feed: number): number {
    const sessions = this.#sessions[feed]!;
    let named = 0;
    for (const count of sessions.values()) named += count;
    return this.#feeds[feed]!.viewers.size - named + sessions.size;
  }

  /** Whether the session is that of a viewer in the feed's room. */
  hasSession(feed: number, sid: string): boolean {
    return this.#sessions[feed]!.has(sid);
  }

  #feedRoom(feed: number): FeedRoom {
    const { feeds, relayPort, random, policyOf, uploadKbpsMax } = this.#options;
    return new FeedRoom({
      feed,
      random,
      counts: this.counts,
      publish: (topic, text) => this.#publish(topic, text),
      status: () => this.#driver.statusOf(feed),
      statusText: () =>
        this.#driver.statusOf(feed) === undefined
          ? ""
          : relayPort.statusText(feeds[feed]!).trimEnd(),
      policy: () => policyOf(feed),
      recentSegments: (rung) => recentSegments(this.#driver, { feed, rung }),
      ladder: this.#ladderOf(feed),
      places: this.#places,
      mayMeet: (one, other, nowMs) =>
        !this.#areSignalsMany(nowMs) && this.#addresses.mayMeet(one, other, nowMs),
      met: (one, other, nowMs) => this.#addresses.met(one, other, nowMs),
      uploadKbps: uploadKbpsMax > 0 ? uploadKbpsMax : uploadKbpsUnlimited,
    });
  }

  #ladderOf(feed: number): FeedLadder {
    const { tracks, feeds } = this.#driver.node.state;
    const own = tracks.slice(feed * tracksPerFeed, (feed + 1) * tracksPerFeed);
    return {
      version: () => feeds[feed]!.ladderVersion,
      has: (rung) => rung !== -1 && own.some((track) => track.rung === rung),
    };
  }

  #socketHandlers(): UwsSockets<RoomViewer> {
    const { settings, clock, trustedProxies } = this.#options;
    const messageCount = settings.messageBurstMax;
    const introductionCount = settings.introductionsPerMinMax;
    return {
      patterns: ["/live/:feed/room", "/t/:token/live/:feed/room"],
      messageBytesMax: roomMessageBytesMax,
      backlogBytesMax: settings.backlogBytesMax,
      idleSec,
      asked: (response, request, context) => {
        const guest = this.#door.admit(request, trustedProxies.addressOf(response, request));
        if ("status" in guest) {
          writeWhole(response, guest);
          return;
        }
        const viewer = new RoomViewer(guest, { messageCount, introductionCount }, clock.nowMs());
        upgradeTo(viewer, response, request, context);
      },
      opened: (socket) => this.#opened(socket),
      message: (socket, bytes, isBinary) => this.#message(socket, bytes, isBinary),
      control: (socket) => void this.#spend(socket.getUserData(), clock.nowMs()),
      dropped: (socket) => this.#count(socket.getUserData(), roomCount.closedBacklog),
      closed: (socket, how) => {
        const viewer = socket.getUserData();
        if (how.isIdle) this.#count(viewer, roomCount.closedIdle);
        if (how.isMalformed) this.#count(viewer, roomCount.closedMalformed);
        this.#closed(viewer);
      },
    };
  }

  #opened(socket: UwsSocket<RoomViewer>): void {
    const viewer = socket.getUserData();
    viewer.socket = socket;
    this.counts[roomCount.sockets]! += 1;
    this.#addresses.add(viewer);
    const sessions = this.#sessions[viewer.feed]!;
    if (viewer.sid !== "") sessions.set(viewer.sid, (sessions.get(viewer.sid) ?? 0) + 1);
    this.#feeds[viewer.feed]!.enter(viewer);
  }

  #closed(viewer: RoomViewer): void {
    viewer.socket = undefined;
    this.counts[roomCount.sockets]! -= 1;
    this.#addresses.remove(viewer);
    const sessions = this.#sessions[viewer.feed]!;
    const left = (sessions.get(viewer.sid) ?? 0) - 1;
    if (left > 0) sessions.set(viewer.sid, left);
    else sessions.delete(viewer.sid);
    this.#feeds[viewer.feed]!.leave(viewer, this.#options.clock.nowMs());
  }

  #message(socket: UwsSocket<RoomViewer>, bytes: ArrayBuffer, isBinary: boolean): void {
    const viewer = socket.getUserData();
    const nowMs = this.#options.clock.nowMs();
    this.counts[roomCount.messagesIn]! += 1;
    this.counts[roomCount.bytesIn]! += bytes.byteLength;
    if (!this.#spend(viewer, nowMs)) return;
    if (isBinary) {
      this.#close(viewer, roomCount.closedMalformed, closeCode.unsupported, "text only");
      return;
    }
    const read = readViewerMessage(Buffer.from(bytes).toString("utf8"));
    if (read.ok) this.#take(viewer, read.message, nowMs);
    else this.#close(viewer, roomCount.closedMalformed, closeCode.policy, read.reason);
  }

  /** Takes one off what the viewer may send; false, and it is closed, when that was too much. */
  #spend(viewer: RoomViewer, nowMs: number): boolean {
    const { messagesPerSecMax, messageBurstMax } = this.#options.settings;
    const budget = { perSec: messagesPerSecMax, burst: messageBurstMax };
    if (takeOne(viewer, budget, nowMs)) return true;
    this.#close(viewer, roomCount.closedBudget, closeCode.policy, "too many messages");
    return false;
  }

  #take(viewer: RoomViewer, message: ViewerMessage, nowMs: number): void {
    const feed = this.#feeds[viewer.feed]!;
    switch (message.kind) {
      case "watch":
        feed.watch(viewer, message, nowMs);
        return;
      case "signal":
        this.#relay(viewer, message.to, message.signal);
        return;
      case "dropped":
        feed.dropped(viewer, message, nowMs);
        return;
      case "report":
        this.#report(viewer, message.report, nowMs);
    }
  }

  /** A signal goes to whom the room has called with its sender, and to nobody else. */
  #relay(viewer: RoomViewer, to: string, signal: Signal): void {
    const nowMs = this.#options.clock.nowMs();
    const feed = this.#feeds[viewer.feed]!;
    const peer = feed.viewers.get(to);
    const own = viewer.introductions.get(to);
    const other = peer?.introductions.get(viewer.id);
    const mayRelay =
      own !== undefined && other !== undefined && feed.cells.areLinked(viewer.id, to);
    if (peer === undefined || !mayRelay || !maySay({ own, other }, signal, nowMs)) {
      this.counts[roomCount.signalsRefused]! += 1;
      return;
    }
    if (!takeOne(this.#signalsLeft, this.#signalBudget, nowMs)) {
      this.counts[roomCount.signalsDropped]! += 1;
      return;
    }
    const { isRelay } = this.#options;
    const admitted = admitSignal(signal, { address: viewer.address, isRelay });
    if (!admitted.ok || !noteSaid(own, { ...admitted, type: signal.type }, nowMs)) {
      this.counts[roomCount.signalsRefused]! += 1;
      return;
    }
    this.counts[roomCount.signalsRelayed]! += 1;
    if (signal.type !== "candidate") feed.cells.noteDescription(viewer.id, to);
    feed.send(peer, { kind: "signal", from: viewer.id, signal: admitted.signal });
  }

  /** Whether half of what may be relayed is spent: who comes now would call in vain. */
  #areSignalsMany(nowMs: number): boolean {
    return refill(this.#signalsLeft, this.#signalBudget, nowMs) < this.#signalBudget.burst / 2;
  }

  #report(viewer: RoomViewer, report: SwarmReport, nowMs: number): void {
    const { cells } = this.#feeds[viewer.feed]!;
    cells.noteOpen(viewer.id, report.peerCount);
    if (viewer.claim === undefined) return;
    this.totals.add(viewer.feed, viewer.claim.believe(report, viewer.hadPeers, nowMs));
    viewer.hadPeers = viewer.introductions.size > 0;
    // The last one comes on leaving.
    if (cells.rungOf(viewer.id) === undefined) viewer.claim = undefined;
  }

  /** The rooms are full: one of an address that has more than this one goes. */
  #makeRoom(addressKey: string): boolean {
    const viewer = this.#addresses.giveWay(addressKey, this.#options.clock.nowMs());
    if (viewer === undefined) return false;
    this.#close(viewer, roomCount.closedCrowded, closeCode.later, "the room is full");
    return true;
  }

  #close(viewer: RoomViewer, slot: number, code: number, reason: string): void {
    this.#count(viewer, slot);
    viewer.socket?.end(code, reason);
  }

  /** A socket is counted as closed once, by the first reason. */
  #count(viewer: RoomViewer, slot: number): void {
    if (viewer.closedFor !== -1) return;
    viewer.closedFor = slot;
    this.counts[slot]! += 1;
  }

  #tick(): void {
    const nowMs = this.#options.clock.nowMs();
    let [cells, members, memberKbps] = [0, 0, 0];
    for (const feed of this.#feeds) {
      feed.tick(nowMs);
      const { cellCount, memberCount } = feed.cells.counts();
      cells += cellCount;
      members += memberCount;
    }
    for (const { feed, rung } of this.#driver.node.state.tracks) {
      for (const cell of this.#feeds[feed]!.cells.ofRung(rung)) {
        memberKbps += cell.members.length * rungKbps(rung);
      }
    }
    this.counts[roomCount.cells] = cells;
    this.counts[roomCount.cellMembers] = members;
    this.#memberKbps = memberKbps;
    this.counts[roomCount.waiting] = this.#places.length;
    this.#addresses.expire(nowMs);
  }
}
