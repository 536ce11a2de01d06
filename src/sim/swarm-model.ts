/**
 * How much viewers of one rung have from each other, as a mean field of what src/swarm does: cells in
 * which some fetch each segment from the edge, whole segments handed on from viewer to viewer over one
 * upload at a time, and a line that is enough for all of it or is not. Checked against the core itself
 * in virtual time and against real viewers; docs/simulator.md has the figures.
 */
import { pow } from "../base/float.ts";
import { reachedByPeers } from "./swarm-spread.ts";

/** Of a swarm: as in a scenario's `swarm` block. */
export interface SwarmSettings {
  uploadUsableRatio: number;
  uploadSlotCount: number;
  urgentMs: number;
  partnerCount: number;
  cellViewerCount: number;
  seedCount: number;
  /** Of those in cells, who have connections. */
  natSuccessRatio: number;
  rttMs: number;
}

/** Of the viewers of one rung at one edge who have connections to others. */
export interface SwarmCrowd {
  count: number;
  /** Share of them who give; the others take only. */
  giverRatio: number;
  /** Of those who give. */
  uploadKbpsMean: number;
  rungKbps: number;
  segmentSec: number;
  latencyMs: number;
}

/**
 * How sharply what time allows and what lines carry limit together: 1 gently, infinity as a minimum.
 * This, the scenarios' usable ratio and swarm-spread.ts's steps are fitted together, to the 20 crowds
 * of swarm-model.sim.test.ts (November 2026).
 */
const bendExponent = 6;

/** The share of their segments that these viewers have from each other: from 0 to below 1. */
export function peerShare(swarm: SwarmSettings, crowd: SwarmCrowd): number {
  const { natSuccessRatio, cellViewerCount } = swarm;
  if (crowd.count === 0 || crowd.giverRatio === 0) return 0;
  // Those whom nobody reaches have their places in cells as well.
  const memberCount = crowd.count / natSuccessRatio;
  let share = 0;
  for (const { size, count } of cellsOf(memberCount, cellViewerCount)) {
    share += ((size * count) / memberCount) * cellShare(swarm, crowd, size);
  }
  return share;
}

/**
 * Cells that so many viewers come to sit in: the fullest with room is filled first, and one in two is
 * split when all are full. The count of full cells may be a fraction, as may the viewers'.
 */
export function cellsOf(viewerCount: number, sizeMax: number): { size: number; count: number }[] {
  if (viewerCount <= sizeMax) return [{ size: viewerCount, count: 1 }];
  const half = sizeMax / 2;
  const fullCount = Math.floor(viewerCount / sizeMax);
  const rest = viewerCount - fullCount * sizeMax;
  if (rest === 0) return [{ size: sizeMax, count: fullCount }];
  if (rest >= half) {
    return [
      { size: sizeMax, count: fullCount },
      { size: rest, count: 1 },
    ];
  }
  return [
    { size: sizeMax, count: fullCount - 1 },
    { size: half, count: 1 },
    { size: half + rest, count: 1 },
  ];
}

function cellShare(swarm: SwarmSettings, crowd: SwarmCrowd, memberCount: number): number {
  const size = memberCount * swarm.natSuccessRatio;
  if (size < 2) return 0;
  const { giverRatio, uploadKbpsMean, rungKbps, segmentSec } = crowd;
  const capacity = (swarm.uploadUsableRatio * giverRatio * uploadKbpsMean) / rungKbps;
  // One upload at a time goes at the whole of the line; several share it.
  const sendSec = (swarm.uploadSlotCount * rungKbps * segmentSec) / uploadKbpsMean;
  const reached = reachedByPeers({
    ...{ cellViewerCount: size, giverRatio, segmentSec },
    seedCount: seedCountOf(swarm, memberCount),
    partnerCount: swarm.partnerCount,
    uploadSlotCount: swarm.uploadSlotCount,
    hopSec: sendSec + swarm.rttMs / 1_000,
    latencySec: crowd.latencyMs / 1_000,
    urgentSec: swarm.urgentMs / 1_000,
  });
  if (reached <= 0) return 0;
  return reached / pow(1 + pow(reached / capacity, bendExponent), 1 / bendExponent);
}

/** Viewers of a cell who fetch a segment as soon as it is announced: as the room names them. */
function seedCountOf(swarm: SwarmSettings, memberCount: number): number {
  const { seedCount, cellViewerCount } = swarm;
  return Math.max(1, Math.floor((seedCount * memberCount) / cellViewerCount));
}
