/**
 * One relay in virtual time, shield or edge: a RelayNode of src/relay, which decides, and what its
 * parents answer, which happens here. Into shared columns goes when it lists each segment and when it
 * has it. Requests within a tier take a round trip and the time of the bytes on the uplink.
 */
import { objectKind, objectState, tracksPerFeed } from "../relay/objects.ts";
import { RelayNode } from "../relay/relay-node.ts";
import type { PlaylistFacts } from "../relay/window.ts";
import { newestAtOrigin, recentSlot } from "./listing.ts";
import type { SimPlan } from "./plan.ts";
import { recentCount } from "./world.ts";

/** What a node's parent has, by the parent's own clock, which is everybody's. */
export interface ParentView {
  /** Whether it answers, and if not, whether it refuses connections or stays silent. */
  state(): "up" | "reset" | "silent";
  /** When it lists a segment; Infinity while that is not known. */
  listedUs(rung: number, msn: number): number;
  /** When it has all of a segment; Infinity while that is not known. */
  readyUs(rung: number, msn: number): number;
}

/** Columns the node writes: a row a rung, from `row` on. */
export interface TierColumns {
  row: number;
  newestMsn: Float64Array;
  listedUs: Float64Array;
  readyUs: Float64Array;
}

interface Pending {
  attempt: number;
  rung: number;
  /** Of a playlist: the segment it waits for, -1 for none. Of a segment: its own. */
  msn: number;
  parent: number;
  askedUs: number;
  /** When the answer comes; Infinity while that is not known. */
  atUs: number;
  what: "playlist" | "head" | "end";
}

const feed = 0;
const epoch = 1;
const listedMax = 60;
const epochs = new Uint8Array(listedMax).fill(epoch);
const cacheBytesMax = 2 ** 40;
/** Deadlines are looked at this often while a parent is in trouble. */
const tickUs = 250_000;

export class TierNode {
  readonly #plan: SimPlan;
  readonly #relay: RelayNode;
  readonly #parents: readonly ParentView[];
  readonly #columns: TierColumns;
  readonly #rttUs: number;
  #pending: Pending[] = [];
  /** Bytes that came from parents, and those of segments that had not come before. */
  fillBytes = 0;
  uniqueFillBytes = 0;
  readonly #filledMsn: Float64Array;

  constructor(of: {
    plan: SimPlan;
    parents: readonly ParentView[];
    columns: TierColumns;
    rttUs: number;
    jitterSeed: number;
  }) {
    const { plan } = of;
    this.#plan = plan;
    this.#parents = of.parents;
    this.#columns = of.columns;
    this.#rttUs = of.rttUs;
    this.#filledMsn = new Float64Array(plan.rungKbps.length * recentCount).fill(-1);
    this.#relay = new RelayNode({
      feeds: ["main"],
      parentCount: of.parents.length,
      historyCount: 3 * plan.scenario.segment.playlistCount,
      targetDurationMs: plan.segmentMs,
      holdMsMax: 8_000,
      firstByteTimeoutMs: 1_500,
      progressTimeoutMs: 3_000,
      idleMs: 15_000,
      cacheBytesMax,
      objectBytesMax: cacheBytesMax,
      fillCountMax: 64,
      jitterSeed: of.jitterSeed,
      followStatus: false,
    });
    this.#relay.applyStatus(feed, { version: 1, state: "live", ladderVersion: 1 }, 0);
    this.#relay.applyLadder(feed, { version: 1, rungs: plan.rungKbps }, 0);
    this.#relay.take();
    for (let rung = 0; rung < plan.rungKbps.length; rung++) {
      of.columns.newestMsn[of.columns.row + rung] = -1;
    }
  }

  /** What the node has counted, by the slots of src/relay/counts.ts. */
  get counts(): Float64Array {
    return this.#relay.state.counts;
  }

  /** `count` viewers or children asked for the newest segments of a rung since the last call. */
  demand(rung: number, count: number, nowUs: number): void {
    const { state } = this.#relay;
    const nowMs = nowUs / 1_000;
    const track = this.#trackOf(rung);
    this.#relay.demand(state.objects.playlistOf(track), count, nowMs);
    const { listed, firstMsn, lastMsn } = state.tracks[track]!;
    if (listed) {
      this.#relay.demand(state.objects.segmentSlotOf(track, lastMsn), count, nowMs);
      // Whoever joins starts a few segments back; following has brought those since it began.
      const { holdBackTargetDurations } = this.#plan.scenario.viewer;
      const first = Math.max(firstMsn, Math.ceil(lastMsn - holdBackTargetDurations));
      for (let msn = first; msn < lastMsn; msn++) {
        const object = state.objects.segmentSlotOf(track, msn);
        if (state.objects.state[object] === objectState.absent)
          this.#relay.demand(object, 1, nowMs);
      }
    }
    this.#perform(nowUs);
  }

  /** Runs the node up to `endUs`; all that its parents do by then is known. */
  run(startUs: number, endUs: number): void {
    let nowUs = startUs;
    for (const pending of this.#pending) pending.atUs = this.#answerUs(pending, startUs);
    let tickAtUs = startUs;
    for (;;) {
      const next = this.#earliest();
      const inTrouble = this.#parents.some((parent) => parent.state() !== "up");
      if (tickAtUs < endUs && (next === undefined || tickAtUs <= next.atUs)) {
        nowUs = Math.max(nowUs, tickAtUs);
        this.#relay.tick(nowUs / 1_000);
        tickAtUs = inTrouble ? tickAtUs + tickUs : endUs;
      } else if (next !== undefined && next.atUs < endUs) {
        nowUs = Math.max(nowUs, next.atUs);
        this.#answer(next, nowUs);
      } else break;
      this.#perform(nowUs);
    }
    this.#forgetUnfollowed();
  }

  #trackOf(rung: number): number {
    // Rungs were added in their order, the first ones of the feed.
    return feed * tracksPerFeed + rung;
  }

  #earliest(): Pending | undefined {
    let earliest: Pending | undefined;
    for (const pending of this.#pending) {
      if (pending.atUs < (earliest?.atUs ?? Infinity)) earliest = pending;
    }
    return earliest;
  }

  /** When the parent's answer arrives: it may have to wait for the news itself. */
  #answerUs(pending: Pending, nowUs: number): number {
    if (pending.what === "end" || pending.atUs < Infinity) return pending.atUs;
    const parent = this.#parents[pending.parent]!;
    const state = parent.state();
    if (state === "silent") return Infinity;
    const half = this.#rttUs / 2;
    if (state === "reset") return Math.max(nowUs, pending.askedUs) + this.#rttUs;
    const { rung, msn } = pending;
    if (pending.what === "playlist" && msn === -1) return pending.askedUs + this.#rttUs;
    const thereUs =
      pending.what === "playlist" ? parent.listedUs(rung, msn) : parent.readyUs(rung, msn);
    return Math.max(pending.askedUs + half, thereUs) + half;
  }

  #answer(pending: Pending, nowUs: number): void {
    const relay = this.#relay;
    const nowMs = nowUs / 1_000;
    const { attempt, rung, msn } = pending;
    const parent = this.#parents[pending.parent]!;
    if (parent.state() !== "up") {
      this.#drop(attempt);
      if (parent.state() === "reset") relay.fillError(attempt, "connection", nowMs);
      return;
    }
    const bytes = this.#bytesOf(rung, msn);
    if (pending.what === "playlist") {
      this.#drop(attempt);
      this.#list(pending, nowUs);
    } else if (pending.what === "head") {
      const skip = relay.fillStart(attempt, { totalBytes: bytes, sameContent: true }, nowMs);
      if (skip === -1) this.#drop(attempt);
      else {
        pending.what = "end";
        pending.atUs = nowUs + (8 * (bytes - skip)) / this.#plan.uplinkBitsPerUs;
        this.#columns.readyUs[recentSlot(this.#columns.row + rung, msn)] = pending.atUs;
      }
    } else {
      this.#drop(attempt);
      relay.fillProgress(attempt, bytes, nowMs);
      relay.fillEnd(attempt, { digestOk: true }, nowMs);
      this.#countFill(rung, msn, bytes);
    }
  }

  #countFill(rung: number, msn: number, bytes: number): void {
    this.fillBytes += bytes;
    const slot = recentSlot(rung, msn);
    if (this.#filledMsn[slot] === msn) return;
    this.#filledMsn[slot] = msn;
    this.uniqueFillBytes += bytes;
  }

  /** A playlist has come: what the parent listed half a round trip ago. */
  #list(pending: Pending, nowUs: number): void {
    const { rung } = pending;
    const parent = this.#parents[pending.parent]!;
    const seenUs = nowUs - this.#rttUs / 2;
    let msn = Math.max(pending.msn, this.#newestOf(parent, rung, seenUs));
    if (msn < 0) msn = 0;
    const count = this.#plan.scenario.segment.playlistCount;
    const facts: PlaylistFacts = {
      firstMsn: Math.max(0, msn - count + 1),
      epochs: epochs.subarray(0, Math.min(count, msn + 1)),
      initNames: [],
      lastDurationMs: this.#plan.segmentMs,
      ended: false,
    };
    const ageMs = Math.max(0, (seenUs - parent.listedUs(rung, msn)) / 1_000);
    const columns = this.#columns;
    const row = columns.row + rung;
    const before = columns.newestMsn[row]!;
    if (!this.#relay.playlistVersion(pending.attempt, { facts, ageMs }, nowUs / 1_000)) return;
    const from = before < 0 ? facts.firstMsn : Math.max(before + 1, facts.firstMsn);
    for (let listed = from; listed <= msn; listed++) {
      const slot = recentSlot(row, listed);
      columns.listedUs[slot] = nowUs;
      columns.readyUs[slot] = Number.NaN;
    }
    columns.newestMsn[row] = msn;
  }

  #newestOf(parent: ParentView, rung: number, atUs: number): number {
    // No segment is listed before its publication at the origin.
    let msn = newestAtOrigin(this.#plan, atUs);
    for (let n = 0; n < recentCount && msn >= 0; n++, msn--) {
      if (parent.listedUs(rung, msn) <= atUs) return msn;
    }
    return -1;
  }

  #perform(nowUs: number): void {
    for (const decision of this.#relay.take()) {
      if (decision.kind === "abort") this.#drop(decision.attempt);
      if (decision.kind !== "fill") continue;
      const { objects } = this.#relay.state;
      const { attempt, object, parent, after } = decision;
      const isPlaylist = objects.kind[object] === objectKind.playlist;
      const pending: Pending = {
        attempt,
        rung: objects.track[object]! - feed * tracksPerFeed,
        msn: isPlaylist ? after : objects.msn[object]!,
        parent,
        askedUs: nowUs,
        atUs: Infinity,
        what: isPlaylist ? "playlist" : "head",
      };
      pending.atUs = this.#answerUs(pending, nowUs);
      this.#pending.push(pending);
      // Known at once where the parent has it, so that viewers need not wait for the next event.
      if (!isPlaylist && pending.atUs < Infinity) this.#expect(pending);
    }
  }

  #expect({ rung, msn, atUs }: Pending): void {
    const bytes = this.#bytesOf(rung, msn);
    const slot = recentSlot(this.#columns.row + rung, msn);
    this.#columns.readyUs[slot] = atUs + (8 * bytes) / this.#plan.uplinkBitsPerUs;
  }

  #drop(attempt: number): void {
    this.#pending = this.#pending.filter((pending) => pending.attempt !== attempt);
  }

  /** A rung that is not followed any more lists nothing that anybody may rely on. */
  #forgetUnfollowed(): void {
    const { tracks } = this.#relay.state;
    for (let rung = 0; rung < this.#plan.rungKbps.length; rung++) {
      const track = tracks[this.#trackOf(rung)]!;
      if (!track.following) this.#columns.newestMsn[this.#columns.row + rung] = -1;
    }
  }

  #bytesOf(rung: number, msn: number): number {
    const { sizeBytes, sizeRowCount, rungKbps } = this.#plan;
    return sizeBytes[(msn % sizeRowCount) * rungKbps.length + rung]!;
  }
}
