/**
 * Who calls whom: a newcomer calls the least connected members of its cell, and whoever has lost
 * half of its peers gets others, not too often. A pair is called once; the two who gave each other
 * up are left apart for a while. A move between cells of a rung keeps the links.
 */
import { swarmParameters } from "../config/swarm-parameters.ts";
import type { CellMember } from "./cell.ts";
import type { PeerId } from "./room-messages.ts";

/** Fewer links than this, and a member gets others. */
const linkCountMin = swarmParameters.dialCount / 2;
/** Between two replacements of one member. */
const replacementPauseMs = 2_000;
/** What failed may work later: a machine was asleep, a network changed. */
const apartMs = 60_000;
const takerLinkCount = swarmParameters.neighbourCountMax / 2;
/** Peers remembered as given up, a member; beyond it the oldest is forgotten. */
const formerCountMax = 64;

interface CellLinksOptions {
  /** From 0 to below 1. */
  random: () => number;
  /** Whether the two may be made known to each other now; those who may not wait. */
  mayMeet: (one: PeerId, other: PeerId, nowMs: number) => boolean;
  call: (member: CellMember, peers: readonly PeerId[]) => void;
  /** The member is to close what it has with the other. */
  close: (member: CellMember, other: CellMember) => void;
}

export class CellLinks {
  readonly #options: CellLinksOptions;
  /** Members with too few links. */
  readonly #needy = new Set<CellMember>();

  constructor(options: CellLinksOptions) {
    this.#options = options;
  }

  /** Has the member call as many as it lacks, as far as its cell has them. */
  fill(member: CellMember, nowMs: number): void {
    const peers = this.#choose(member, nowMs);
    for (const peer of peers) {
      member.links.set(peer.id, peer);
      peer.links.set(member.id, member);
    }
    if (peers.length > 0) {
      this.#options.call(
        member,
        peers.map(({ id }) => id),
      );
    }
    this.#look(member);
  }

  /** One gave the other up, which is told so: what it says of connections counts for both sides. */
  part(one: CellMember, other: CellMember, nowMs: number): void {
    if (!one.links.delete(other.id)) return;
    other.links.delete(one.id);
    this.#options.close(other, one);
    this.keepApart(one, other, nowMs + apartMs);
    this.#look(one);
    this.#look(other);
    this.#replace(one, nowMs);
  }

  /** The two are not called together before then. */
  keepApart(one: CellMember, other: CellMember, untilMs: number): void {
    setFormer(one, other.id, untilMs);
    setFormer(other, one.id, untilMs);
  }

  /** The member is in no cell any more. Returns whom it was linked with. */
  cut(member: CellMember): CellMember[] {
    const peers = [...member.links.values()];
    member.links.clear();
    this.#needy.delete(member);
    for (const peer of peers) {
      peer.links.delete(member.id);
      this.#look(peer);
    }
    return peers;
  }

  /** To be called about every second. */
  tick(nowMs: number): void {
    for (const member of this.#needy) this.#replace(member, nowMs);
  }

  #replace(member: CellMember, nowMs: number): void {
    if (!this.#needy.has(member) || nowMs < member.callsAgainAtMs) return;
    member.callsAgainAtMs = nowMs + replacementPauseMs;
    this.fill(member, nowMs);
  }

  #look(member: CellMember): void {
    if (member.cell !== null && member.links.size < linkCountMin) this.#needy.add(member);
    else this.#needy.delete(member);
  }

  #choose(member: CellMember, nowMs: number): CellMember[] {
    const lacking = swarmParameters.dialCount - member.links.size;
    if (member.cell === null || lacking <= 0) return [];
    return member.cell.members
      .filter((peer) => {
        const isFree = peer.links.size < swarmParameters.neighbourCountMax;
        if (peer === member || !isFree || isApart(member, peer, nowMs)) return false;
        return this.#options.mayMeet(member.id, peer.id, nowMs);
      })
      .map((peer) => ({ peer, order: burdenOf(peer) + this.#options.random() }))
      .sort((a, b) => a.order - b.order)
      .slice(0, lacking)
      .map(({ peer }) => peer);
  }
}

/** Who takes only may be out of reach, or of little use: as if it had some links more. */
function burdenOf(peer: CellMember): number {
  return peer.links.size + (peer.gives && peer.openCount !== 0 ? 0 : takerLinkCount);
}

function isApart(member: CellMember, peer: CellMember, nowMs: number): boolean {
  return member.links.has(peer.id) || (member.former.get(peer.id) ?? -Infinity) > nowMs;
}

function setFormer(member: CellMember, peer: PeerId, untilMs: number): void {
  const { former } = member;
  former.delete(peer);
  former.set(peer, untilMs);
  if (former.size > formerCountMax) former.delete(former.keys().next().value!);
}
