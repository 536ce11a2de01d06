/**
 * How one segment spreads in a cell, in the mean, from its announcement on: seeds fetch it from the
 * edge, whoever holds it and gives hands it on whole to one after the other, and who has not been begun
 * to be sent it in time fetches it too, and hands it on. By the deadline rule of src/swarm/edge-times.ts.
 */
import { exp, pow } from "../base/float.ts";
import { swarmParameters } from "../config/swarm-parameters.ts";

export interface SpreadOptions {
  /** Viewers of the cell who have connections; in the mean, and so not whole. */
  cellViewerCount: number;
  seedCount: number;
  /** Share of those who are no seeds that gives; the others take only. */
  giverRatio: number;
  partnerCount: number;
  uploadSlotCount: number;
  /** From asking a neighbour to having the segment. */
  hopSec: number;
  segmentSec: number;
  /** How far behind the live edge viewers start, at least: a segment more at most. */
  latencySec: number;
  /** Nearer to its deadline a segment is fetched from the edge. */
  urgentSec: number;
}

/** Steps of a hop: what has become free finds who lacks the segment within one. Fitted. */
const stepsPerHop = 5;
/** So that steps are never much shorter than a fetch. */
const hopSecMin = 0.05;
/** Hops after which whatever can be handed on has been. */
const hopCountMax = 64;
/**
 * Viewers start when they come, somewhere within a segment, and play it from its beginning: deadlines
 * lie evenly over a segment's duration. So many groups stand for that.
 */
const groupCount = 8;

/** Spreads kept: a night has the same few at all of its edges, window after window. */
const knownCountMax = 20_000;
const known = new Map<string, number>();

/** The share of the cell that has the segment from others: from 0 to below 1. */
export function reachedByPeers(options: SpreadOptions): number {
  const of = rounded(options);
  const key = Object.values(of).join();
  let reached = known.get(key);
  if (reached === undefined) {
    reached = spread(of);
    if (known.size >= knownCountMax) known.clear();
    known.set(key, reached);
  }
  return reached;
}

/** By much less than the model errs. What is returned hangs on it alone, so order does not matter. */
function rounded(of: SpreadOptions): SpreadOptions {
  return {
    cellViewerCount: Math.max(2, Math.round(4 * of.cellViewerCount) / 4),
    seedCount: of.seedCount,
    giverRatio: Math.round(100 * of.giverRatio) / 100,
    partnerCount: of.partnerCount,
    uploadSlotCount: of.uploadSlotCount,
    hopSec: Math.max(hopSecMin, Math.round(100 * of.hopSec) / 100),
    segmentSec: of.segmentSec,
    latencySec: of.latencySec,
    urgentSec: of.urgentSec,
  };
}

function spread(of: SpreadOptions): number {
  const { giverRatio, uploadSlotCount, hopSec } = of;
  const seedRatio = of.seedCount / of.cellViewerCount;
  const partnerCount = Math.min(of.partnerCount, of.cellViewerCount - 1);
  const stepSec = hopSec / stepsPerHop;
  const fetchSteps = Math.ceil(fetchSecOf(of) / stepSec);
  const groups = groupsOf(of);
  /** Who begins to hold it in a step and gives, of fetches and of what is being sent. */
  const fetched = new Map<number, number>([[fetchSteps, seedRatio]]);
  const arriving = new Float64Array(stepsPerHop);
  let giving = 0;
  let sending = 0;
  let reached = 0;
  // Before the seeds have it nobody has anything to give.
  const lastStep = fetchSteps + hopCountMax * stepsPerHop;
  for (let step = fetchSteps; step < lastStep; step++) {
    const nowSec = step * stepSec;
    const arrived = arriving[step % stepsPerHop]!;
    arriving[step % stepsPerHop] = 0;
    sending -= arrived;
    giving += giverRatio * arrived + (fetched.get(step) ?? 0);
    const fetching = giveUp(groups, nowSec);
    const thereAt = step + fetchSteps;
    if (fetching > 0) fetched.set(thereAt, (fetched.get(thereAt) ?? 0) + giverRatio * fetching);
    const lacking = lackingAt(groups, nowSec + hopSec);
    const idle = uploadSlotCount * giving - sending;
    if (lacking > 0 && idle > 0) {
      // Those who have a partner that gives it ask; each who gives can answer so many of them.
      const asking = lacking * (1 - pow(1 - Math.min(1, giving), partnerCount));
      const begun = idle * (1 - exp(-asking / idle));
      for (const group of groups) {
        if (nowSec + hopSec <= group.endBySec) group.waiting -= (group.waiting * begun) / lacking;
      }
      arriving[step % stepsPerHop] = begun;
      sending += begun;
      reached += begun;
    }
    if (groups.every(({ waiting }) => waiting < 1e-5)) break;
  }
  return reached;
}

interface Group {
  /** The share of the cell that is in it, and lacks the segment still. */
  waiting: number;
  /** When it is fetched from the edge if nobody sends it, and when what is sent is to have come. */
  fetchAtSec: number;
  endBySec: number;
}

function groupsOf(of: SpreadOptions): Group[] {
  const { seedCount, cellViewerCount, segmentSec, latencySec, urgentSec } = of;
  const graceSec = swarmParameters.graceMs / 1_000;
  const jamSec = swarmParameters.jamMs / 1_000;
  const slowSec = segmentSec + Math.min(fetchSecOf(of), segmentSec / 2) + jamSec;
  return Array.from({ length: groupCount }, (_, n) => {
    // A segment is announced when it is whole, a segment after its beginning.
    const deadlineSec = latencySec - segmentSec + ((n + 0.5) / groupCount) * segmentSec;
    return {
      waiting: (1 - seedCount / cellViewerCount) / groupCount,
      fetchAtSec: deadlineSec - slowSec,
      endBySec: deadlineSec - urgentSec + graceSec,
    };
  });
}

/** What scenarios keep free is what the core does besides a fetch, and the fetch. */
function fetchSecOf({ urgentSec }: SpreadOptions): number {
  const { safetyMs, fetchMsFloor } = swarmParameters;
  return Math.max(fetchMsFloor / 1_000, urgentSec - safetyMs / 1_000);
}

/** Those for whom it is time fetch from the edge; returns how many. */
function giveUp(groups: readonly Group[], nowSec: number): number {
  let fetching = 0;
  for (const group of groups) {
    if (nowSec <= group.fetchAtSec) continue;
    fetching += group.waiting;
    group.waiting = 0;
  }
  return fetching;
}

/** Who lacks it and would have it in time if it came then. */
function lackingAt(groups: readonly Group[], thenSec: number): number {
  let lacking = 0;
  for (const { waiting, endBySec } of groups) if (thenSec <= endBySec) lacking += waiting;
  return lacking;
}
