/**
 * Nothing is served before it exists. When each relay really has a segment is taken from the relay
 * itself, where its fill ends: not from the columns in which the engine keeps what viewers go by.
 */
import { RelayNode } from "../../relay/relay-node.ts";
import { listedAtOriginUs, readyAtEdge } from "../listing.ts";
import type { SimPlan } from "../plan.ts";
import type { World } from "../world.ts";
import { beganBody, Checker } from "./checker.ts";

/** Instants are added up in floating point. */
const toleranceUs = 1;

interface WatchedRelay {
  fillEnd: (this: RelayNode, attempt: number, of: { digestOk: boolean }, nowMs: number) => void;
}

export class CheckAvailability extends Checker {
  #plan: SimPlan | undefined;
  /** By node, rung and MSN: when the node first had all of it, µs. */
  readonly #filledUs = new Map<string, number>();
  /** By edge, rung and MSN: when the edge first sent any of it. */
  readonly #servedUs = new Map<string, number>();
  /** The same of what passed through before the edge's own relay had been told to fetch it. */
  readonly #passedUs = new Map<string, number>();
  #stop: (() => void) | undefined;

  prepare(world: World): void {
    this.#plan = world.plan;
    this.#stop = this.#watchFills();
  }

  afterEvent(world: World, i: number, edge: number): void {
    if (!beganBody(world, i)) return;
    const { plan } = world;
    const msn = world.viewers.nextMsn[i]!;
    const rung = plan.ladders[world.ladderIndex[0]!]!.rungs[world.bodyRung[i]!]!;
    const fromUs = world.bodyFromUs[i]!;
    const isFromPeer = world.bodyFromPeer[i] === 1;
    this.require(
      fromUs >= listedAtOriginUs(plan, msn),
      () => `viewer ${i} got segment ${msn} before the origin had it`,
    );
    this.require(
      fromUs >= world.bodyAskedUs[i]! + plan.rttUs,
      () => `viewer ${i} got segment ${msn} in less than a round trip`,
    );
    if (isFromPeer) return;
    const row = edge * plan.rungKbps.length + rung;
    const isKnown = !Number.isNaN(readyAtEdge(world, row, msn));
    const sent = isKnown ? this.#servedUs : this.#passedUs;
    const key = keyOf(edge, rung, msn);
    const sentUs = fromUs - plan.rttUs / 2;
    sent.set(key, Math.min(sentUs, sent.get(key) ?? Infinity));
  }

  end(world: World): void {
    this.#stop?.();
    const { windowCount, windowUs, edgeCount, shieldCount, shieldRttUs } = world.plan;
    const endUs = windowCount * windowUs;
    const check = (key: string, sentUs: number, thereUs: number): void =>
      this.require(
        sentUs >= endUs || sentUs >= thereUs - toleranceUs,
        () => `${key} was sent at ${sentUs} and was there at ${thereUs}`,
      );
    for (const [key, sentUs] of this.#servedUs) {
      check(key, sentUs, this.#filledUs.get(key) ?? Infinity);
    }
    for (const [key, sentUs] of this.#passedUs) {
      const atShield = Array.from({ length: shieldCount }, (_, shield) =>
        key.replace(/^node \d+/, `node ${edgeCount + shield}`),
      );
      const filledUs = Math.min(...atShield.map((one) => this.#filledUs.get(one) ?? Infinity));
      check(key, sentUs, filledUs + shieldRttUs / 2);
    }
  }

  #watchFills(): () => void {
    const watched = RelayNode.prototype as WatchedRelay;
    const { fillEnd } = watched;
    const filled = this.#filled.bind(this);
    watched.fillEnd = function (attempt, outcome, nowMs) {
      const found = this.state.attempts.get(attempt);
      if (found !== undefined) {
        const { objects, options } = this.state;
        const [rung, msn] = [objects.track[found.object]!, objects.msn[found.object]!];
        filled(options.jitterSeed, rung, msn, 1_000 * nowMs);
      }
      fillEnd.call(this, attempt, outcome, nowMs);
    };
    return () => (watched.fillEnd = fillEnd);
  }

  /** Node numbers are those of edges, then those of shields. */
  #filled(node: number, rung: number, msn: number, atUs: number): void {
    const { edgeCount, shieldCount } = this.#plan!;
    const key = keyOf(node, rung, msn);
    if (!this.#filledUs.has(key)) this.#filledUs.set(key, atUs);
    this.require(
      atUs >= listedAtOriginUs(this.#plan!, msn),
      () => `node ${node} had segment ${msn} before the origin`,
    );
    if (node >= edgeCount) return;
    const atShieldsUs = Array.from(
      { length: shieldCount },
      (_, shield) => this.#filledUs.get(keyOf(edgeCount + shield, rung, msn)) ?? Infinity,
    );
    this.require(
      atUs >= Math.min(...atShieldsUs),
      () => `edge ${node} had segment ${msn} before any shield`,
    );
  }
}

function keyOf(node: number, rung: number, msn: number): string {
  return `node ${node}, rung ${rung}, segment ${msn}`;
}
