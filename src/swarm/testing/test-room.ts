/**
 * Cells with viewers who do as they are told and remember it: what each has open follows from what
 * it was told alone, so that a test can hold it against what the cells believe.
 */
import { randomRatio } from "../../base/prng.ts";
import type { Cell } from "../cell.ts";
import { Cells } from "../cells.ts";
import type { DropReason, PeerId } from "../room-messages.ts";

type Told =
  | { kind: "cell"; size: number | null }
  | { kind: "dial"; peers: readonly PeerId[] }
  | { kind: "gone"; peer: PeerId };

export class TestRoom {
  nowMs = 100_000;
  readonly cells: Cells;
  /** Viewers who are called and never answer. */
  readonly mute = new Set<PeerId>();
  readonly #told = new Map<PeerId, Told[]>();
  readonly #open = new Map<PeerId, Set<PeerId>>();
  readonly #sizes = new Map<PeerId, number>();
  readonly #rungs = new Set<number>();
  #fresh = new Map<PeerId, Told[]>();
  #drawn = 0;

  constructor() {
    const random = (): number => randomRatio({ seed: 5, owner: 0, stream: 0, n: this.#drawn++ });
    this.cells = new Cells({ random });
  }

  /** Whom the viewer has open by what was said, oldest first. */
  openOf(peer: PeerId): PeerId[] {
    return [...(this.#open.get(peer) ?? [])];
  }

  /** All pairs that viewers have open by what they were told, both ways round, sorted. */
  openPairs(): string[] {
    const pairs = this.peers().flatMap((peer) => this.openOf(peer).map((o) => `${peer} ${o}`));
    return pairs.sort();
  }

  /** `home`: its address; each has its own when none is stated. */
  enter(peer: PeerId, watch: { rung: number; gives: boolean }, home: string = peer): void {
    if (!this.#open.has(peer)) this.#open.set(peer, new Set());
    this.#rungs.add(watch.rung);
    this.cells.enter({ id: peer, addressKey: home }, watch, this.nowMs);
    this.#perform();
  }

  leave(peer: PeerId): void {
    this.cells.leave(peer);
    this.#perform();
  }

  forget(peer: PeerId): void {
    this.cells.forget(peer);
    this.#close(peer);
    this.#perform();
    this.#open.delete(peer);
  }

  /** The swarm goes off: all close what they have, since they are told that. */
  clear(): void {
    this.cells.clear();
    for (const peer of this.peers()) this.#close(peer);
    this.#perform();
  }

  /** The viewer closes its side of the connection and says so. */
  drop(by: PeerId, peer: PeerId, reason: DropReason): void {
    this.#open.get(by)?.delete(peer);
    this.cells.dropped({ by, peer, reason }, this.nowMs);
    this.#perform();
  }

  tick(): void {
    this.cells.tick(this.nowMs);
    this.#perform();
  }

  /** Of the first cell of rung 300. */
  seeds(seedCount: number): PeerId[] {
    const [cell] = this.cells.ofRung(300);
    return cell!.takeSeeds(seedCount, this.nowMs);
  }

  peers(): PeerId[] {
    return [...this.#open.keys()];
  }

  cellOf(peer: PeerId): Cell | undefined {
    const rung = this.cells.rungOf(peer);
    if (rung === undefined) return undefined;
    return [...this.cells.ofRung(rung)].find(({ members }) =>
      members.some(({ id }) => id === peer),
    );
  }

  /** The size that the viewer was told last. */
  sizeOf(peer: PeerId): number | undefined {
    return this.#sizes.get(peer);
  }

  /** Of rung 300, smallest first. */
  cellSizes(): number[] {
    const sizes = [...this.cells.ofRung(300)].map(({ members }) => members.length);
    return sizes.sort((a, b) => a - b);
  }

  /** What the viewer was told since the start or `forgetTold`. */
  told(peer: PeerId): Told[] {
    return this.#told.get(peer) ?? [];
  }

  /** What it was told by the last thing that happened. */
  lastTold(peer: PeerId): Told[] {
    return this.#fresh.get(peer) ?? [];
  }

  forgetTold(): void {
    this.#told.clear();
    this.#fresh.clear();
  }

  dialsOf(peer: PeerId): number {
    return this.told(peer).filter(({ kind }) => kind === "dial").length;
  }

  #perform(): void {
    this.#fresh = new Map();
    for (const decision of this.cells.take()) {
      if (decision.kind === "size") {
        this.#tellSize(decision);
        continue;
      }
      const { peer } = decision;
      if (decision.kind === "cell") {
        this.#sizes.set(peer, decision.size);
        this.#tell(peer, { kind: "cell", size: decision.cell === null ? null : decision.size });
        if (decision.cell === null) this.#close(peer);
      } else if (decision.kind === "dial") {
        this.#tell(peer, { kind: "dial", peers: decision.peers });
        for (const other of decision.peers) this.#connect(peer, other);
      } else {
        this.#tell(peer, { kind: "gone", peer: decision.left });
        this.#open.get(peer)?.delete(decision.left);
      }
    }
  }

  /** To all who are in the cell, as a room does. */
  #tellSize({ cell, size }: { cell: number; size: number }): void {
    const cells = [...this.#rungs].flatMap((rung) => [...this.cells.ofRung(rung)]);
    for (const { id } of cells.find((one) => one.id === cell)?.members ?? []) {
      this.#sizes.set(id, size);
      this.#tell(id, { kind: "cell", size });
    }
  }

  #connect(peer: PeerId, other: PeerId): void {
    if (this.#open.get(peer)?.has(other) === true) throw new Error(`${peer} calls ${other} twice`);
    this.#open.get(peer)?.add(other);
    this.#open.get(other)?.add(peer);
    this.#describe(peer, other);
    this.#describe(other, peer);
  }

  #describe(from: PeerId, to: PeerId): void {
    if (!this.mute.has(from)) this.cells.noteDescription(from, to);
  }

  /** It closes what it has open; the other ends learn of it from the room alone. */
  #close(peer: PeerId): void {
    this.#open.get(peer)?.clear();
  }

  #tell(peer: PeerId, told: Told): void {
    for (const map of [this.#told, this.#fresh]) map.set(peer, [...(map.get(peer) ?? []), told]);
  }
}
