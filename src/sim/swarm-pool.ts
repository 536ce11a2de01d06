/**
 * Viewers who help each other, as a pool an edge and rung: how much of what they ask for they can give
 * one another is the least of three bounds. Capacity: what their upload lines carry (the fluid bound
 * of Kumar, Liu and Ross). Time: how many times a segment can be handed on before it is urgent.
 * Coverage: whether a partner has it. No peer is modelled by itself.
 */
import { pow } from "../base/float.ts";
import { randomWord } from "../base/prng.ts";
import { ratioOf, stream } from "./audience.ts";
import type { Shard } from "./shard.ts";

/** Share of a cell that holds a segment when a viewer asks: it spreads while the window passes. */
const holdersRatio = 0.5;

/** Whether viewer i, who could wait, gets this segment from a peer; its demand counts either way. */
export function asksPeer(s: Shard, i: number, row: number, msn: number, bits: number): boolean {
  const { world, plan } = s;
  const uploadKbps = world.uploadKbps[i]!;
  if (uploadKbps === 0) return false;
  world.peerCount[row]! += 1;
  world.peerUploadKbps[row]! += uploadKbps;
  world.peerDemandBits[row]! += bits;
  if (world.viewers.bufferMs[i]! <= plan.scenario.swarm.urgentMs) return false;
  return ratioOf(randomWord(world.key[i]!, stream.peer, msn)) < world.peerRatio[row]!;
}

/** From what peers asked for in the last window, the share they give each other in the next one. */
export function settleSwarms(s: Shard, e: number): void {
  const { world, plan, rungCount } = s;
  const windowSec = plan.windowUs / 1e6;
  for (let row = e * rungCount; row < (e + 1) * rungCount; row++) {
    const count = world.peerCount[row]!;
    if (count > 0) {
      world.peerRatio[row] = peerShare(plan.scenario.swarm, {
        count,
        uploadKbpsMean: world.peerUploadKbps[row]! / count,
        rungKbps: world.peerDemandBits[row]! / count / windowSec / 1_000,
        segmentSec: windowSec,
        latencyMs: s.holdBackMs,
      });
    } else world.peerRatio[row] = 0;
    world.peerCount[row] = 0;
    world.peerUploadKbps[row] = 0;
    world.peerDemandBits[row] = 0;
  }
}

/** The share of their segments that connected viewers of one rung can have from each other. */
export function peerShare(
  swarm: {
    uploadUsableRatio: number;
    urgentMs: number;
    partnerCount: number;
    cellViewerCount: number;
    rttMs: number;
  },
  of: {
    /** Connected viewers of the rung at one edge. */
    count: number;
    uploadKbpsMean: number;
    rungKbps: number;
    segmentSec: number;
    latencyMs: number;
  },
): number {
  const cell = Math.min(of.count, swarm.cellViewerCount);
  if (cell < 2) return 0;
  const usableKbps = swarm.uploadUsableRatio * of.uploadKbpsMean;
  const capacity = usableKbps / of.rungKbps;
  // One upload at a time: each goes at the whole of the line.
  const hopSec = (of.rungKbps * of.segmentSec) / of.uploadKbpsMean + swarm.rttMs / 1_000;
  const windowSec = (of.latencyMs - swarm.urgentMs - swarm.rttMs) / 1_000;
  const generations = Math.max(0, Math.floor(windowSec / hopSec));
  const time = 1 - pow(1 + capacity, -generations);
  const partners = Math.min(swarm.partnerCount, cell - 1);
  const coverage = Math.min(1 - 1 / cell, 1 - pow(1 - holdersRatio, partners));
  return Math.max(0, Math.min(capacity, time, coverage));
}
