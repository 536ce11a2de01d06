/**
 * A feed, its edge with a room, and viewers who exchange segments, all in virtual time: each viewer
 * is the real scheduler, a player that asks serially, and a line with a capped uplink that carries
 * one piece after the other. One seed reproduces a run.
 */
import { randomRatio } from "../../base/prng.ts";
import type { SegmentFacts, SegmentId } from "../segment.ts";
import { segmentKey } from "../segment.ts";
import { EventQueue } from "./event-queue.ts";
import { WorldRoom } from "./world-room.ts";
import { createTally, type Tally, type WorldOptions } from "./world-options.ts";
import { WorldViewer, type ViewerNature, type World } from "./world-viewer.ts";

export interface WorldResult extends Tally {
  /** Share of what was got in the measured time that came from peers. */
  offload: number;
  /** The same without what viewers began with. */
  offloadWithoutStarts: number;
  /** Most bad segments that one viewer had of one liar. */
  badPerPairMax: number;
  /** Most bad segments that all viewers together had of one liar. */
  badPerLiarMax: number;
  /** Peers that the room shut out. */
  shutOutCount: number;
}

const worldStart = 120_000;
/** How long the feed has been live when the first viewer comes. */
const pastMs = 60_000;

/** Runs the world and says what came of it. */
export function runSwarmWorld(options: WorldOptions): WorldResult {
  const world = new SwarmWorld(options);
  return world.run();
}

class SwarmWorld implements World {
  readonly events = new EventQueue();
  readonly room: WorldRoom;
  readonly options: WorldOptions;
  readonly viewers = new Map<string, WorldViewer>();
  tally = createTally();
  /** Bad segments by victim and liar. */
  readonly badPairs = new Map<string, number>();
  readonly badByLiar = new Map<string, number>();
  readonly #contents = new Map<string, Uint8Array>();
  readonly #draws = new Map<number, number>();
  #viewerNumber = 0;

  constructor(options: WorldOptions) {
    this.options = options;
    this.events.nowMs = worldStart;
    this.room = new WorldRoom(this, options.seedCount ?? 2);
  }

  /** The next random number of one kind, from 0 to below 1. */
  draw(stream: number): number {
    const n = this.#draws.get(stream) ?? 0;
    this.#draws.set(stream, n + 1);
    return randomRatio({ seed: this.options.seed, owner: 0, stream, n });
  }

  drawBetween(stream: number, [least, most]: readonly [number, number]): number {
    return least + (most - least) * this.draw(stream);
  }

  run(): WorldResult {
    const { options, events } = this;
    const { warmUpMs = 20_000, measureMs = 60_000 } = options;
    for (let i = 0; i < options.viewerCount; i++) {
      events.after(this.draw(1) * 3_000, () => this.#join(i));
    }
    for (let msn = Math.ceil((worldStart - pastMs) / options.segmentMs); ; msn++) {
      const atMs = (msn + 1) * options.segmentMs;
      if (atMs > worldStart + warmUpMs + measureMs) break;
      events.at(atMs, () => this.room.publish(this.facts({ rung: 360, epoch: 1, msn })));
    }
    if (options.replaceEveryMs) this.#churn(options.replaceEveryMs);
    events.runUntil(worldStart + warmUpMs);
    this.tally = createTally();
    this.#dropLines();
    events.runUntil(worldStart + warmUpMs + measureMs);
    return this.#result();
  }

  facts(id: SegmentId): SegmentFacts {
    return { ...id, bytes: this.content(id).length, sha256: segmentKey(id) };
  }

  /** The right bytes of a segment. */
  content(id: SegmentId): Uint8Array {
    const key = segmentKey(id);
    let bytes = this.#contents.get(key);
    if (bytes === undefined) {
      const { mediaKbps, segmentMs, seed } = this.options;
      const unevenness = 0.8 + 0.4 * randomRatio({ seed, owner: id.msn, stream: 2 });
      bytes = new Uint8Array(Math.round(((mediaKbps * segmentMs) / 8) * unevenness));
      for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 31 + id.msn) & 0xff;
      this.#contents.set(key, bytes);
    }
    return bytes;
  }

  #join(index: number): void {
    const { options } = this;
    const { greedyCount = 0 } = options;
    const isBad = index < (options.liarCount ?? 0) + (options.stallerCount ?? 0) + greedyCount;
    const nature: ViewerNature = {
      uplinkKbps: this.drawBetween(3, options.uplinkKbps),
      downlinkKbps: this.drawBetween(4, [6_000, 20_000]),
      delayMs: this.drawBetween(5, options.delayMs ?? [3, 25]),
      isReachable: isBad || this.draw(6) >= (options.unreachableRatio ?? 0),
      isGiving: isBad || this.draw(7) >= (options.noUploadRatio ?? 0),
      isLiar: index < (options.liarCount ?? 0),
      isBusy: index < (options.busyCount ?? 0),
      isStaller: index >= (options.liarCount ?? 0) && isBad && greedyCount === 0,
      greed: index >= greedyCount ? "none" : index % 2 === 0 ? "hasty" : "again",
    };
    const viewer = new WorldViewer(this, `v${this.#viewerNumber++}`, nature);
    this.viewers.set(viewer.id, viewer);
    this.room.join(viewer);
    viewer.start();
  }

  #dropLines(): void {
    const { lineDrop } = this.options;
    if (lineDrop === undefined) return;
    this.events.after(lineDrop.afterMs, () => {
      const all = [...this.viewers.values()].slice(0, lineDrop.viewerCount);
      for (const viewer of all) viewer.setDownlink(lineDrop.kbps);
    });
  }

  #churn(everyMs: number): void {
    this.events.after(everyMs, () => {
      const all = [...this.viewers.values()];
      const leaver = all[Math.floor(this.draw(8) * all.length)]!;
      this.viewers.delete(leaver.id);
      leaver.leave();
      this.#join(Infinity);
      this.#churn(everyMs);
    });
  }

  #result(): WorldResult {
    const { httpBytes, peerBytes, startupHttpBytes, startupPeerBytes } = this.tally;
    const begunHttpBytes = httpBytes - startupHttpBytes;
    const begunPeerBytes = peerBytes - startupPeerBytes;
    return {
      ...this.tally,
      offload: peerBytes / Math.max(1, httpBytes + peerBytes),
      offloadWithoutStarts: begunPeerBytes / Math.max(1, begunHttpBytes + begunPeerBytes),
      badPerPairMax: Math.max(0, ...this.badPairs.values()),
      badPerLiarMax: Math.max(0, ...this.badByLiar.values()),
      shutOutCount: this.room.banCount,
    };
  }
}
