/**
 * The room of one feed: who is in it, what all of them are told, and the cells of those who share.
 * What all are told is one text, which the engine hands to every socket of a topic.
 */
import type { FeedStatus } from "../../src/hls/status.ts";
import { Cells, type CellDecision } from "../../src/swarm/cells.ts";
import type { SwarmPolicy } from "../../src/swarm/policy.ts";
import type { DropReason, PeerId, RoomMessage } from "../../src/swarm/room-messages.ts";
import type { SegmentFacts } from "../../src/swarm/segment.ts";
import type { Announcement } from "./whole-segments.ts";
import { newIntroduction } from "./introductions.ts";
import type { PlaceQueue } from "./place-queue.ts";
import { refill, takeOne } from "../../src/base/rate-budget.ts";
import { ReportClaim } from "./report-claim.ts";
import { roomCount } from "./room-counts.ts";
import { moveBudget, type RoomViewer, type Watch } from "./room-viewer.ts";

export interface FeedRoomOptions {
  feed: number;
  counts: Float64Array;
  random: () => number;
  publish: (topic: string, text: string) => void;
  /** What the feed does now, as JSON; "" before that is known. */
  statusText: () => string;
  status: () => FeedStatus | undefined;
  policy: () => SwarmPolicy;
  recentSegments: (rung: number) => readonly SegmentFacts[];
  ladder: FeedLadder;
  /** Whose turn it is to come to a cell, of all feeds. */
  places: PlaceQueue<RoomViewer>;
  /** Whether the two may be made known to each other now. */
  mayMeet: (one: RoomViewer, other: RoomViewer, nowMs: number) => boolean;
  met: (one: RoomViewer, other: RoomViewer, nowMs: number) => void;
  /** Most that a viewer sends to others. */
  uploadKbps: number;
}

export interface FeedLadder {
  /** Changes with the rungs. */
  version(): number;
  has(rung: number): boolean;
}

/** Between two statuses that differ in numbers only. */
const statusPauseMs = 1_000;
/** A player that hears nothing for 45 s takes its socket for dead. */
const statusRepeatMs = 15_000;
/** Between two moves of one viewer from rung to rung, each of which makes calls. */
const movePauseMs = 1_000;

export class FeedRoom {
  readonly cells: Cells;
  readonly viewers = new Map<PeerId, RoomViewer>();
  readonly #options: FeedRoomOptions;
  readonly #topic: string;
  #policyText: string;
  #isOn: boolean;
  #pushed: { version: number; state: string; p2p: string } | undefined;
  #pushedMs = -Infinity;
  /** Viewers whose wish has to wait for their pause to end. */
  readonly #moving = new Set<RoomViewer>();
  #ladderVersion: number;
  /** What newcomers to a rung are told of its segments. */
  readonly #recentTexts = new Map<number, readonly string[]>();

  constructor(options: FeedRoomOptions) {
    this.#options = options;
    this.#topic = `feed-${options.feed}`;
    this.cells = new Cells({
      random: options.random,
      mayMeet: (id, otherId, nowMs) => {
        const [one, other] = [this.viewers.get(id), this.viewers.get(otherId)];
        if (one === undefined || other === undefined) return false;
        return options.mayMeet(one, other, nowMs);
      },
    });
    const policy = options.policy();
    this.#policyText = JSON.stringify(policy);
    this.#isOn = policy.mode === "on";
    this.#ladderVersion = options.ladder.version();
  }

  enter(viewer: RoomViewer): void {
    this.viewers.set(viewer.id, viewer);
    const status = this.#options.statusText() || "null";
    const head = `{"kind":"welcome","id":"${viewer.id}","status":${status}`;
    this.#sendText(viewer, `${head},"policy":${this.#policyText}}`);
    viewer.socket?.subscribe(this.#topic);
  }

  /** The viewer's socket is closed. */
  leave(viewer: RoomViewer, nowMs: number): void {
    this.viewers.delete(viewer.id);
    this.#moving.delete(viewer);
    this.#options.places.delete(viewer);
    this.cells.forget(viewer.id);
    this.#perform(nowMs);
  }

  /** Everybody is about to be sent away: nobody is told what becomes of the others. */
  disband(): void {
    this.cells.clear();
  }

  send(viewer: RoomViewer, message: RoomMessage): void {
    this.#sendText(viewer, JSON.stringify(message));
  }

  watch(viewer: RoomViewer, watch: Watch, nowMs: number): void {
    viewer.watch = watch;
    this.#look(viewer, nowMs);
  }

  /** It is the viewer's turn to come to a cell of what it watches. */
  place(viewer: RoomViewer, nowMs: number): void {
    const rung = this.#rungOf(viewer);
    if (rung === null) return;
    viewer.movedMs = nowMs;
    takeOne(viewer.movesLeft, moveBudget, nowMs);
    const { id, addressKey, watch } = viewer;
    // What it is told is one piece on its way to it.
    viewer.socket?.cork(() => {
      this.cells.enter({ id, addressKey }, { rung, gives: watch?.share === "both" }, nowMs);
      this.#perform(nowMs);
      if (this.cells.rungOf(id) === rung) this.#welcomeToRung(viewer, rung, nowMs);
    });
  }

  dropped(
    viewer: RoomViewer,
    { peer, reason }: { peer: PeerId; reason: DropReason },
    nowMs: number,
  ): void {
    const bansBefore = this.cells.banCount;
    this.cells.dropped({ by: viewer.id, peer, reason }, nowMs);
    viewer.introductions.delete(peer);
    this.viewers.get(peer)?.introductions.delete(viewer.id);
    this.#options.counts[roomCount.bans]! += this.cells.banCount - bansBefore;
    this.#perform(nowMs);
  }

  /** The status may be another one now. */
  statusTaken(nowMs: number): void {
    const status = this.#options.status();
    const pushed = this.#pushed;
    if (status === undefined || status.version === pushed?.version) return;
    const isUrgent = status.state !== pushed?.state || status.p2p !== pushed.p2p;
    if (isUrgent || nowMs - this.#pushedMs >= statusPauseMs) this.#pushStatus(status, nowMs);
  }

  policyChanged(nowMs: number): void {
    const policy = this.#options.policy();
    const text = JSON.stringify(policy);
    if (text === this.#policyText) return;
    this.#policyText = text;
    this.#isOn = policy.mode === "on";
    this.#publish(`{"kind":"policy","policy":${text}}`);
    if (!this.#isOn) this.#leaveCells();
    else this.#lookAtAll(nowMs);
  }

  /** A segment of the rung is whole: newcomers are to be told of it. */
  forgetRecent(rung: number): void {
    this.#recentTexts.delete(rung);
  }

  announce({ facts, isNew }: Announcement, nowMs: number): void {
    const { seedCount } = this.#options.policy();
    for (const cell of this.cells.ofRung(facts.rung)) {
      const seeds = isNew ? cell.takeSeeds(seedCount, nowMs) : [];
      const text = JSON.stringify({ kind: "segment", segment: facts, seeds });
      this.#publishTo({ topic: this.#cellTopic(cell.id), count: cell.members.length }, text);
    }
  }

  /** To be called about twice a second. */
  tick(nowMs: number): void {
    this.#recentTexts.clear();
    for (const viewer of [...this.#moving]) this.#look(viewer, nowMs);
    for (const peer of this.cells.takeReadmitted(nowMs)) {
      const viewer = this.viewers.get(peer);
      if (viewer !== undefined) this.#look(viewer, nowMs);
    }
    const ladderVersion = this.#options.ladder.version();
    if (ladderVersion !== this.#ladderVersion) {
      this.#ladderVersion = ladderVersion;
      this.#lookAtAll(nowMs);
    }
    this.cells.tick(nowMs);
    this.#perform(nowMs);
    this.statusTaken(nowMs);
    const status = this.#options.status();
    const isDue = this.viewers.size > 0 && nowMs - this.#pushedMs >= statusRepeatMs;
    if (isDue && status !== undefined) this.#pushStatus(status, nowMs);
  }

  #pushStatus({ version, state, p2p }: FeedStatus, nowMs: number): void {
    this.#pushed = { version, state, p2p };
    this.#pushedMs = nowMs;
    if (this.viewers.size === 0) return;
    this.#publish(`{"kind":"status","status":${this.#options.statusText()}}`);
  }

  /** Everybody may have another place now: who has to go goes, who is to come waits. */
  #lookAtAll(nowMs: number): void {
    for (const viewer of this.viewers.values()) this.#look(viewer, nowMs, { isOneOfMany: true });
  }

  /** Whether the viewer is where it wants to be; leaving is at once, coming takes a turn. */
  #look(viewer: RoomViewer, nowMs: number, { isOneOfMany = false } = {}): void {
    const { cells } = this;
    const { places } = this.#options;
    const { id, addressKey, watch } = viewer;
    const rung = this.#rungOf(viewer);
    const rungNow = cells.rungOf(id);
    this.#moving.delete(viewer);
    if (rung === null || rung === rungNow) places.delete(viewer);
    if (rung === null) cells.leave(id);
    else if (rungNow !== undefined) {
      // One that is to go elsewhere stays until then, but fetches for nobody here.
      const gives = rung === rungNow && watch?.share === "both";
      cells.enter({ id, addressKey }, { rung: rungNow, gives }, nowMs);
    }
    this.#perform(nowMs);
    if (rung === null || rung === rungNow || places.has(viewer)) return;
    const isEarly = nowMs - viewer.movedMs < movePauseMs;
    if (isEarly || refill(viewer.movesLeft, moveBudget, nowMs) < 1) this.#moving.add(viewer);
    else if (isOneOfMany) places.addLast(viewer);
    else places.add(viewer, nowMs);
  }

  /** The rung of the cell that the viewer is to be in; null: of none. */
  #rungOf({ watch }: RoomViewer): number | null {
    if (!this.#isOn || watch === undefined || watch.share === "nothing") return null;
    const { rung } = watch;
    return rung !== null && this.#options.ladder.has(rung) ? rung : null;
  }

  #welcomeToRung(viewer: RoomViewer, rung: number, nowMs: number): void {
    const { uploadKbps } = this.#options;
    if (viewer.claim === undefined) viewer.claim = new ReportClaim({ rung, uploadKbps }, nowMs);
    else viewer.claim.moveTo(rung, nowMs);
    for (const text of this.#recentTextsOf(rung)) this.#sendText(viewer, text);
  }

  #recentTextsOf(rung: number): readonly string[] {
    const known = this.#recentTexts.get(rung);
    if (known !== undefined) return known;
    const segments = this.#options.recentSegments(rung);
    const texts = segments.map((segment) =>
      JSON.stringify({ kind: "segment", segment, seeds: [] }),
    );
    this.#recentTexts.set(rung, texts);
    return texts;
  }

  #perform(nowMs: number): void {
    for (const decision of this.cells.take()) this.#performOne(decision, nowMs);
  }

  #performOne(decision: CellDecision, nowMs: number): void {
    if (decision.kind === "size") {
      const { cell, size } = decision;
      const to = { topic: this.#cellTopic(cell), count: size };
      this.#publishTo(to, JSON.stringify({ kind: "cell", size }));
      return;
    }
    const viewer = this.viewers.get(decision.peer);
    if (viewer === undefined) return;
    switch (decision.kind) {
      case "cell":
        this.#toCell(viewer, decision.cell);
        this.send(viewer, { kind: "cell", size: decision.cell === null ? null : decision.size });
        return;
      case "dial":
        this.#introduce(viewer, decision.peers, nowMs);
        this.send(viewer, { kind: "dial", peers: decision.peers });
        return;
      case "gone":
        viewer.introductions.delete(decision.left);
        this.send(viewer, { kind: "gone", peer: decision.left });
    }
  }

  #introduce(viewer: RoomViewer, peers: readonly PeerId[], nowMs: number): void {
    for (const id of peers) {
      const peer = this.viewers.get(id);
      if (peer === undefined) continue;
      viewer.introductions.set(id, newIntroduction(true));
      peer.introductions.set(viewer.id, newIntroduction(false));
      viewer.hadPeers = true;
      peer.hadPeers = true;
      this.#options.met(viewer, peer, nowMs);
    }
  }

  /** Viewers leave their cells by themselves when the policy says so. */
  #leaveCells(): void {
    this.cells.clear();
    this.#moving.clear();
    for (const viewer of this.viewers.values()) {
      this.#options.places.delete(viewer);
      this.#toCell(viewer, null);
    }
  }

  #toCell(viewer: RoomViewer, cell: number | null): void {
    if (viewer.cellTopic !== "") viewer.socket?.unsubscribe(viewer.cellTopic);
    viewer.cellTopic = cell === null ? "" : this.#cellTopic(cell);
    if (cell === null) viewer.introductions.clear();
    else viewer.socket?.subscribe(viewer.cellTopic);
  }

  #cellTopic(cell: number): string {
    return `${this.#topic}-cell-${cell}`;
  }

  #publish(text: string): void {
    this.#publishTo({ topic: this.#topic, count: this.viewers.size }, text);
  }

  #publishTo({ topic, count }: { topic: string; count: number }, text: string): void {
    const { counts, publish } = this.#options;
    counts[roomCount.messagesOut]! += count;
    counts[roomCount.bytesOut]! += count * text.length;
    publish(topic, text);
  }

  #sendText(viewer: RoomViewer, text: string): void {
    if (viewer.socket === undefined || viewer.closedFor !== -1) return;
    const { counts } = this.#options;
    counts[roomCount.messagesOut]! += 1;
    counts[roomCount.bytesOut]! += text.length;
    viewer.socket.send(text);
  }
}
