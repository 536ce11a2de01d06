/**
 * One cell: viewers of one rung who exchange its segments, and whose turn it is to fetch the next
 * from the edge. How viewers come to cells is cells.ts's business.
 */
import { swarmParameters } from "../config/swarm-parameters.ts";
import type { Party } from "./accusations.ts";
import type { PeerId } from "./room-messages.ts";

/** A viewer as cells know it, for as long as its socket lives. */
export interface CellMember extends Readonly<Party> {
  cell: Cell | null;
  /** Whether it sends to others, not only takes. */
  gives: boolean;
  /** Since when it is in cells of its rung. */
  enteredMs: number;
  /** Size of its cell as it was told last; 0 in none. */
  toldSize: number;
  /** Connections it says are open; -1 before it has said so. */
  openCount: number;
  /** Whom the room has called with it, either way round. */
  readonly links: Map<PeerId, CellMember>;
  /** Peers given up, and until when the two are not called again. */
  readonly former: Map<PeerId, number>;
  /** When it may have another peer in the place of one given up. */
  callsAgainAtMs: number;
  /** Peers to whom the room passed its offer or answer on, those it parted from too. */
  readonly described: Set<PeerId>;
  /** Since when it may be a seed again. */
  seedsAgainAtMs: number;
}

/** A newcomer's connections take that long to open; until then it could pass nothing on. */
const settledMs = 4_000;

export class Cell {
  readonly id: number;
  readonly rung: number;
  /** In the order in which they came. */
  readonly members: CellMember[] = [];
  #next = 0;

  constructor({ id, rung }: { id: number; rung: number }) {
    this.id = id;
    this.rung = rung;
  }

  add(member: CellMember): void {
    member.cell = this;
    this.members.push(member);
  }

  remove(member: CellMember): void {
    const index = this.members.indexOf(member);
    if (index === -1) return;
    this.members.splice(index, 1);
    if (index < this.#next) this.#next -= 1;
    member.cell = null;
  }

  /**
   * The members who are to fetch the next segment from the edge: `seedCount` of a cell of the most,
   * fewer of a smaller one in proportion, but one. They are taken by turns among those who give, and
   * who can (others only when nobody can). None in a cell of one, and where nobody gives.
   */
  takeSeeds(seedCount: number, nowMs: number): PeerId[] {
    const { members } = this;
    if (members.length < 2) return [];
    const { cellViewerCountMax } = swarmParameters;
    const count = Math.max(1, Math.floor((seedCount * members.length) / cellViewerCountMax));
    const isAnyFit = members.some((member) => isFit(member, nowMs));
    const seeds: PeerId[] = [];
    for (let looked = 0; looked < members.length && seeds.length < count; looked++) {
      const member = members[this.#next % members.length]!;
      this.#next = (this.#next + 1) % members.length;
      if (isAnyFit ? isFit(member, nowMs) : member.gives) seeds.push(member.id);
    }
    return seeds;
  }

  /** Half of the members, neighbours together as far as that goes. */
  half(): CellMember[] {
    const count = Math.floor(this.members.length / 2);
    const taken = new Set<CellMember>();
    for (const member of this.members) {
      taken.add(member);
      // A set's loop meets what is added while it runs.
      for (const one of taken) {
        for (const neighbour of one.links.values()) {
          if (neighbour.cell === this && taken.size < count) taken.add(neighbour);
        }
      }
      if (taken.size >= count) break;
    }
    return [...taken].slice(0, count);
  }
}

function isFit(member: CellMember, nowMs: number): boolean {
  if (nowMs - member.enteredMs < settledMs || nowMs < member.seedsAgainAtMs) return false;
  return member.gives && member.links.size > 0 && member.openCount !== 0;
}
