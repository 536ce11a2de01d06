/**
 * How much viewers of one rung have from each other, as a mean field of what src/swarm does: cells in
 * which some fetch each segment from the edge, whole segments handed on from viewer to viewer over one
 * upload at a time, and a line that is enough for all of it or is not. Checked against the core itself
 * in virtual time and against real viewers; docs/simulator.md has the figures.
 */
import { exp, pow } from "../base/float.ts";

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
 * Part of an upload that a request waits for besides its own, when lines are busy all the time: half
 * of one at one neighbour, less for whoever asks several. This, the bend and the scenarios' usable
 * ratio are fitted together: 11 crowds of the core in virtual time (free lines to half of what the
 * media needs) are met within 5 points (November 2026).
 */
const waitRatio = 0.2;
/** How sharply what time allows and what lines carry limit together: 1 gently, infinity as a minimum. */
const bendExponent = 5;
/** Hops after which whatever can be handed on has been. */
const hopCountMax = 64;

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
  const seedRatio = seedCountOf(swarm, memberCount) / size;
  const capacity = (swarm.uploadUsableRatio * giverRatio * uploadKbpsMean) / rungKbps;
  const busyRatio = Math.min(1, (1 - seedRatio) / capacity);
  // One upload at a time goes at the whole of the line; several share it.
  const sendSec = (swarm.uploadSlotCount * rungKbps * segmentSec) / uploadKbpsMean;
  const hopSec = sendSec * (1 + waitRatio * busyRatio) + swarm.rttMs / 1_000;
  // A segment is announced when it is whole, so that its beginning is due a segment earlier; but
  // viewers start behind the newest that is listed, which is half a segment old on average.
  const windowSec = (crowd.latencyMs - swarm.urgentMs - swarm.rttMs) / 1_000 - segmentSec / 2;
  const partnerCount = Math.min(swarm.partnerCount, size - 1);
  const hopCount = Math.max(0, windowSec / hopSec);
  const reached = spread({ ...swarm, partnerCount, giverRatio, seedRatio, hopCount }) - seedRatio;
  if (reached <= 0) return 0;
  return reached / pow(1 + pow(reached / capacity, bendExponent), 1 / bendExponent);
}

/** Viewers of a cell who fetch a segment as soon as it is announced: as the room names them. */
function seedCountOf(swarm: SwarmSettings, memberCount: number): number {
  const { seedCount, cellViewerCount } = swarm;
  return Math.max(1, Math.floor((seedCount * memberCount) / cellViewerCount));
}

/** The share of a cell that holds a segment after so many hops, the last of which may be a part. */
function spread(of: {
  hopCount: number;
  seedRatio: number;
  giverRatio: number;
  partnerCount: number;
  uploadSlotCount: number;
}): number {
  const { seedRatio, giverRatio, partnerCount, uploadSlotCount } = of;
  let held = seedRatio;
  for (let left = Math.min(of.hopCount, hopCountMax); left > 0; left--) {
    const giving = seedRatio + giverRatio * (held - seedRatio);
    // Those who have a partner that gives it ask; each who gives can answer so many of them.
    const asking = (1 - held) * (1 - pow(1 - giving, partnerCount));
    const answers = giving * uploadSlotCount;
    held += Math.min(1, left) * answers * (1 - exp(-asking / answers));
  }
  return Math.min(1, held);
}
