/**
 * The cells of one feed at one edge: which viewers exchange segments, grouped by rung in cells of a
 * bounded size. Pure and deterministic for a given `random`; the room performs what it decides.
 */
import { swarmParameters } from "../config/swarm-parameters.ts";
import { Accusations, type Party } from "./accusations.ts";
import { Bans } from "./bans.ts";
import { CellLinks } from "./cell-links.ts";
import { Cell, type CellMember } from "./cell.ts";
import type { DropReason, PeerId } from "./room-messages.ts";

export type CellDecision =
  /** The viewer is in this cell now, of `size` viewers; null: in none, and has no peers. */
  | { kind: "cell"; peer: PeerId; cell: number | null; size: number }
  /** A cell has another size than its members were told. */
  | { kind: "size"; cell: number; size: number }
  /** The viewer is to call these. */
  | { kind: "dial"; peer: PeerId; peers: readonly PeerId[] }
  /** The viewer is to close what it has with one that left or gave it up. */
  | { kind: "gone"; peer: PeerId; left: PeerId };

export interface CellsOptions {
  /** From 0 to below 1. */
  random: () => number;
  /** Whether the two may be made known to each other now; anybody to anybody by default. */
  mayMeet?: (one: PeerId, other: PeerId, nowMs: number) => boolean;
}

const { cellViewerCountMin, cellViewerCountMax } = swarmParameters;
/** Two that are more together are not merged: soon they would be split again. */
const mergedViewerCountMax = 2 * cellViewerCountMin;
/** A seed that others had nothing from is passed over for so long. */
const seedPauseMs = 2 * 60_000;
/** Peers remembered as having been described to, a member; more than it meets within minutes. */
const describedCountMax = 64;

export class Cells {
  readonly #members = new Map<PeerId, CellMember>();
  readonly #byRung = new Map<number, Set<Cell>>();
  readonly #links: CellLinks;
  /** Of wrong bytes. */
  readonly #accusations = new Accusations();
  /** Of what else is wrong with a peer. */
  readonly #complaints = new Accusations();
  readonly #bans = new Bans();
  readonly #resized = new Set<Cell>();
  #decisions: CellDecision[] = [];
  #cellLast = 0;
  #banCount = 0;

  constructor({ random, mayMeet = () => true }: CellsOptions) {
    this.#links = new CellLinks({
      random,
      mayMeet,
      call: (member, peers) => this.#decisions.push({ kind: "dial", peer: member.id, peers }),
      close: (member, other) =>
        this.#decisions.push({ kind: "gone", peer: member.id, left: other.id }),
    });
  }

  /** Peers shut out so far. */
  get banCount(): number {
    return this.#banCount;
  }

  /** What is to be done, in order; each once. */
  take(): readonly CellDecision[] {
    const decisions = this.#decisions;
    this.#decisions = [];
    return decisions;
  }

  /** The viewer shares segments of the rung from now on; of a former rung no more. */
  enter(viewer: Party, { rung, gives }: { rung: number; gives: boolean }, nowMs: number): void {
    const member = this.#memberOf(viewer, nowMs);
    if (this.#bans.has(member.id, nowMs)) return;
    member.gives = gives;
    if (member.cell?.rung === rung) return;
    if (member.cell !== null) this.#takeOut(member);
    const cell = this.#cellFor(rung);
    member.enteredMs = nowMs;
    member.openCount = -1;
    cell.add(member);
    this.#resized.add(cell);
    this.#tell(member);
    this.#links.fill(member, nowMs);
  }

  /** The viewer shares nothing from now on. */
  leave(peer: PeerId): void {
    const member = this.#members.get(peer);
    if (member !== undefined && member.cell !== null) this.#takeOut(member);
  }

  /** The viewer's socket is closed. */
  forget(peer: PeerId): void {
    this.leave(peer);
    this.#members.delete(peer);
    this.#accusations.forget(peer);
    this.#complaints.forget(peer);
    this.#bans.forget(peer);
  }

  /** Everybody leaves, and knows it already: nothing is to be done for it, or for what was before. */
  clear(): void {
    for (const cells of this.#byRung.values()) {
      for (const member of [...cells].flatMap((cell) => cell.members)) {
        this.#links.cut(member);
        member.cell = null;
        member.toldSize = 0;
      }
    }
    this.#byRung.clear();
    this.#resized.clear();
    this.#decisions = [];
  }

  /** A viewer gave a peer up. */
  dropped(
    { by, peer, reason }: { by: PeerId; peer: PeerId; reason: DropReason },
    nowMs: number,
  ): void {
    const [one, other] = [this.#members.get(by), this.#members.get(peer)];
    if (one === undefined || other === undefined) return;
    this.#links.part(one, other, nowMs);
    if (reason === "digest") this.#accuse(one, other, nowMs);
    else if (reason !== "gone")
      this.#complain(one, other, { isFailure: reason === "failed" }, nowMs);
  }

  /** The room passed a description (an offer or an answer) on. */
  noteDescription(from: PeerId, to: PeerId): void {
    const described = this.#members.get(from)?.described;
    if (described === undefined) return;
    described.delete(to);
    described.add(to);
    if (described.size > describedCountMax) described.delete(described.keys().next().value!);
  }

  /** Viewers who were shut out and may enter again now; each once. */
  takeReadmitted(nowMs: number): readonly PeerId[] {
    return this.#bans.takeEnded(nowMs);
  }

  /** The viewer says how many connections to peers it has open. */
  noteOpen(peer: PeerId, openCount: number): void {
    const member = this.#members.get(peer);
    if (member !== undefined) member.openCount = openCount;
  }

  /** Whether the room has called the two together. */
  areLinked(one: PeerId, other: PeerId): boolean {
    return this.#members.get(one)?.links.has(other) ?? false;
  }

  /** The rung of the viewer's cell; undefined when it is in none. */
  rungOf(peer: PeerId): number | undefined {
    return this.#members.get(peer)?.cell?.rung;
  }

  /** The cells of a rung; none when nobody shares it. */
  ofRung(rung: number): ReadonlySet<Cell> {
    return this.#byRung.get(rung) ?? noCells;
  }

  counts(): { cellCount: number; memberCount: number } {
    let [cellCount, memberCount] = [0, 0];
    for (const cells of this.#byRung.values()) {
      cellCount += cells.size;
      for (const cell of cells) memberCount += cell.members.length;
    }
    return { cellCount, memberCount };
  }

  /** To be called about every second. */
  tick(nowMs: number): void {
    this.#links.tick(nowMs);
    for (const cell of this.#resized) this.#tellSize(cell);
    this.#resized.clear();
  }

  /** One voice shuts nobody out: the two are kept apart, and that is all. */
  #accuse(one: CellMember, other: CellMember, nowMs: number): void {
    if (!haveMet(one, other)) return;
    this.#links.keepApart(one, other, Infinity);
    if (this.#bans.has(other.id, nowMs)) return;
    const verdict = this.#accusations.note({ by: one, about: other }, nowMs);
    if (verdict === "none") return;
    this.#bans.add(other.id, verdict === "address" ? other.addressKey : null, nowMs);
    this.#banCount += 1;
    if (other.cell !== null) this.#takeOut(other);
  }

  /** Whoever reaches nobody is no witness of who cannot be reached. */
  #complain(
    one: CellMember,
    other: CellMember,
    { isFailure }: { isFailure: boolean },
    nowMs: number,
  ): void {
    const isWitness = isFailure
      ? one.openCount > 0 && one.described.has(other.id)
      : haveMet(one, other);
    if (!isWitness) return;
    const verdict = this.#complaints.note({ by: one, about: other }, nowMs);
    if (verdict !== "none") other.seedsAgainAtMs = nowMs + seedPauseMs;
  }

  #memberOf({ id, addressKey }: Party, nowMs: number): CellMember {
    const known = this.#members.get(id);
    if (known !== undefined) return known;
    const member: CellMember = {
      id,
      addressKey,
      cell: null,
      gives: false,
      enteredMs: 0,
      toldSize: 0,
      openCount: -1,
      links: new Map(),
      former: new Map(),
      callsAgainAtMs: -Infinity,
      described: new Set(),
      seedsAgainAtMs: -Infinity,
    };
    this.#members.set(id, member);
    this.#bans.entered(member, nowMs);
    return member;
  }

  /** The fullest cell with room: few full cells fetch less from the edge than many small ones. */
  #cellFor(rung: number): Cell {
    const cells = this.#byRung.get(rung);
    if (cells === undefined) return this.#newCell(rung);
    let fullest: Cell | undefined;
    for (const cell of cells) {
      const { length } = cell.members;
      if (length < cellViewerCountMax && length > (fullest?.members.length ?? 0)) fullest = cell;
    }
    return fullest ?? this.#split([...cells][0]!);
  }

  #newCell(rung: number): Cell {
    const cell = new Cell({ id: ++this.#cellLast, rung });
    const cells = this.#byRung.get(rung) ?? new Set();
    this.#byRung.set(rung, cells.add(cell));
    return cell;
  }

  #split(cell: Cell): Cell {
    const half = cell.half();
    const other = this.#newCell(cell.rung);
    for (const member of half) this.#move(member, other);
    return other;
  }

  #takeOut(member: CellMember): void {
    const cell = member.cell!;
    cell.remove(member);
    this.#resized.add(cell);
    for (const peer of this.#links.cut(member)) {
      this.#decisions.push({ kind: "gone", peer: peer.id, left: member.id });
    }
    this.#tell(member);
    if (cell.members.length < cellViewerCountMin) this.#grow(cell);
  }

  /**
   * The cell has lost too many: it joins the smallest other one if the two stay well below the most,
   * or takes from the largest.
   */
  #grow(cell: Cell): void {
    const others = [...this.ofRung(cell.rung)].filter((other) => other !== cell);
    if (others.length === 0) {
      if (cell.members.length === 0) this.#remove(cell);
      return;
    }
    const bySize = others.sort((a, b) => a.members.length - b.members.length);
    const [smallest, largest] = [bySize[0]!, bySize.at(-1)!];
    if (cell.members.length + smallest.members.length <= mergedViewerCountMax) {
      for (const member of [...cell.members]) this.#move(member, smallest);
      this.#remove(cell);
      return;
    }
    const count = Math.ceil((largest.members.length - cell.members.length) / 2);
    for (const member of largest.members.slice(-count)) this.#move(member, cell);
  }

  #move(member: CellMember, to: Cell): void {
    this.#resized.add(member.cell!).add(to);
    member.cell!.remove(member);
    to.add(member);
    this.#tell(member);
  }

  #remove(cell: Cell): void {
    this.#resized.delete(cell);
    const cells = this.#byRung.get(cell.rung);
    cells?.delete(cell);
    if (cells?.size === 0) this.#byRung.delete(cell.rung);
  }

  #tell(member: CellMember): void {
    const { id, cell } = member;
    const size = cell?.members.length ?? 0;
    member.toldSize = size;
    this.#decisions.push({ kind: "cell", peer: id, cell: cell?.id ?? null, size });
  }

  /** Who came last knows it already, and may be alone. */
  #tellSize({ id, members }: Cell): void {
    const size = members.length;
    if (members.every(({ toldSize }) => toldSize === size)) return;
    for (const member of members) member.toldSize = size;
    this.#decisions.push({ kind: "size", cell: id, size });
  }
}

/** Both sides have described themselves to the other: the least that a transfer takes. */
function haveMet(one: CellMember, other: CellMember): boolean {
  return one.described.has(other.id) && other.described.has(one.id);
}

const noCells: ReadonlySet<Cell> = new Set();
