/**
 * The edges of one thread, with their relays and viewers: runs them window by window. Nothing of an
 * edge depends on what another edge does within the window, so that the result is the same however
 * edges are dealt to threads.
 */
import { randomWord } from "../base/prng.ts";
import { countSlots } from "../relay/counts.ts";
import { ratioOf, stream } from "./audience.ts";
import { runEdgeTurn } from "./edge-window.ts";
import { parentOf } from "./parent-views.ts";
import { clearLoad } from "./load.ts";
import { closeSession } from "./session.ts";
import { createShard, type Shard, type ShardCounts } from "./shard.ts";
import { SharedWindow } from "./shared-window.ts";
import { settleSwarms } from "./swarm-pool.ts";
import { TierNode } from "./tier-node.ts";
import { breakBody } from "./viewer-step.ts";
import { act, flag, nodeState, sum, sumCount, type World } from "./world.ts";

/** A connection that is refused is noticed within this; one that is silent at the TTFB limit. */
const resetUsMax = 1e6;
/** fragLoadPolicy.maxTimeToFirstByteMs of hls.js. */
export const silentUs = 10e6;

export class EdgeShard {
  readonly #world: World;
  readonly #shard: Shard;
  readonly #link = new SharedWindow();
  readonly #edges: { edge: number; members: Int32Array; tier: TierNode }[] = [];

  /** Takes the edges from `firstEdge` to before `endEdge`. */
  constructor(world: World, counts: ShardCounts, firstEdge: number, endEdge: number) {
    this.#world = world;
    this.#shard = createShard(world, counts);
    const { plan } = world;
    for (let edge = firstEdge; edge < endEdge; edge++) {
      const parents = Array.from({ length: plan.shieldCount }, (_, n) =>
        parentOf(world, (edge + n) % plan.shieldCount),
      );
      const { newestMsn, listedUs, readyUs } = world;
      const row = edge * plan.rungKbps.length;
      const tier = new TierNode({
        plan,
        parents,
        columns: { row, newestMsn, listedUs, readyUs },
        rttUs: plan.shieldRttUs,
        jitterSeed: edge,
      });
      this.#edges.push({ edge, members: new Int32Array(0), tier });
    }
    this.findMembers();
  }

  /** Finds the viewers of each edge anew. */
  findMembers(): void {
    const { edge: edgeOf, plan } = this.#world;
    const first = this.#edges[0]?.edge ?? 0;
    const counts = new Int32Array(this.#edges.length);
    for (let i = 0; i < plan.viewerCount; i++) {
      const n = edgeOf[i]! - first;
      if (n >= 0 && n < counts.length) counts[n]!++;
    }
    this.#edges.forEach((one, n) => (one.members = new Int32Array(counts[n]!)));
    counts.fill(0);
    for (let i = 0; i < plan.viewerCount; i++) {
      const n = edgeOf[i]! - first;
      if (n >= 0 && n < counts.length) this.#edges[n]!.members[counts[n]!++] = i;
    }
  }

  /** Sends the viewers of edges that are down to others; members are to be found anew then. */
  failOver(window: number): void {
    const s = this.#enter(window, window + 1);
    const { world } = s;
    const up: number[] = [];
    for (let edge = 0; edge < s.plan.edgeCount; edge++) {
      if (world.edgeState[edge] === nodeState.up) up.push(edge);
    }
    for (const { edge, members } of this.#edges) {
      if (world.edgeState[edge] === nodeState.up || members.length === 0) continue;
      for (const i of members) moveViewer(s, i, edge, up);
      clearLoad(world, edge);
      world.isShared[edge] = 0;
      world.lastBits[edge] = 0;
      world.lastPeakBits[edge] = 0;
    }
  }

  /** Runs the windows from `turnStart` to before `turnEnd`. */
  runTurn(turnStart: number, turnEnd: number): void {
    const s = this.#enter(turnStart, turnEnd);
    const { world } = s;
    const startUs = turnStart * s.plan.windowUs;
    const mustShare = world.flags[flag.mustShare] === 1;
    for (const { edge, members, tier } of this.#edges) {
      if (world.edgeState[edge] !== nodeState.up) continue;
      tier.run(startUs, s.turnEndUs);
      runEdgeTurn(s, edge, members, this.#link, mustShare);
      for (let rung = 0; rung < s.rungCount; rung++) {
        const row = edge * s.rungCount + rung;
        if (world.demand[row]! > 0) tier.demand(rung, world.demand[row]!, s.turnEndUs);
        world.demand[row] = 0;
      }
      if (s.hasPeers) settleSwarms(s, edge);
      const sums = edge * sumCount;
      world.sums[sums + sum.fillBytes] = tier.fillBytes;
      world.sums[sums + sum.uniqueFillBytes] = tier.uniqueFillBytes;
    }
  }

  /** The night is over after `window`: what is under way is counted as far as it came. */
  finish(window: number): void {
    const s = this.#enter(window, window + 1);
    const { world } = s;
    const endUs = s.turnEndUs;
    for (const { edge, members, tier } of this.#edges) {
      world.relayCounts.set(tier.counts, edge * countSlots);
      for (const i of members) {
        if (!isOpen(world, i)) continue;
        if (hasBody(world, i)) breakBody(s, i, edge, endUs);
        world.sums[edge * sumCount + sum.bufferedMs]! += closeSession(s, i, edge, endUs);
      }
    }
  }

  #enter(turnStart: number, turnEnd: number): Shard {
    const s = this.#shard;
    const { plan } = s;
    s.turnStart = turnStart;
    s.turnEnd = turnEnd;
    s.turnEndUs = turnEnd * plan.windowUs;
    s.inPlateau = turnStart >= plan.plateauFrom && turnEnd <= plan.plateauTo;
    s.hasArrivals =
      plan.isDriven ||
      turnStart * plan.windowUs <= 1e6 * plan.scenario.audience.arrivals.at(-1)!.atSec;
    const ladder = plan.ladders[s.world.ladderIndex[0]!]!;
    s.ladder = ladder.viewerLadder;
    s.ladderRungs = ladder.rungs;
    return s;
  }
}

/** Whether a session is open in the viewer's place. */
export function isOpen(world: World, i: number): boolean {
  return world.session[i]! > 0 && world.act[i] !== act.join;
}

function hasBody(world: World, i: number): boolean {
  const kind = world.act[i];
  return kind === act.finish || kind === act.flowing;
}

/** The viewer's edge is gone: what it was getting is lost, and it asks another one in a while. */
function moveViewer(s: Shard, i: number, from: number, up: readonly number[]): void {
  const { world, plan } = s;
  const nowUs = s.turnStart * plan.windowUs;
  const word = randomWord(world.key[i]!, stream.edge, s.turnStart);
  world.edge[i] = up[word % up.length]!;
  if (!isOpen(world, i)) return;
  const isUnderWay = hasBody(world, i) || world.act[i] === act.flowStart;
  if (hasBody(world, i)) breakBody(s, i, from, nowUs);
  const isSilent = world.edgeState[from] === nodeState.silent;
  const noticed = ratioOf(randomWord(world.key[i]!, stream.detection, s.turnStart));
  const noticedUs = isSilent && isUnderWay ? silentUs : noticed * resetUsMax;
  const againUs = Math.round(nowUs + noticedUs + 1_000 * plan.scenario.topology.failoverMs);
  world.viewers.lastMsn[i] = -1;
  world.viewers.pollAtMs[i] = againUs / 1_000;
  if (world.act[i] !== act.retryStart) world.act[i] = act.wake;
  world.nextUs[i] = Math.min(world.endUs[i]!, againUs);
  world.viewers.retryAtMs[i] = againUs / 1_000;
}
