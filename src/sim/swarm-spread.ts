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
  /** Kept free before a deadline of what a neighbour is sending. */
  urgentSec: number;
}

const stepsPerHop = 12;
/** Steps from the end of an upload until the line has found the next who lacks the segment. Fitted. */
const idleSteps = 6;
/** A step has a length, and hops are rounded to 10 ms. */
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

/**
 * The share of the cell that has the segment from others: from 0 to below 1. Options are rounded by
 * much less than the model errs; the result hangs on the rounded ones alone, whoever asked before.
 */
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

export function rounded(of: SpreadOptions): SpreadOptions {
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

/** The same, computed anew from the options as they are. */
export function spread(of: SpreadOptions): number {
  const { cellViewerCount, seedCount, giverRatio, uploadSlotCount, hopSec } = of;
  const stepSec = hopSec / stepsPerHop;
  const partnerCount = Math.min(of.partnerCount, cellViewerCount - 1);
  const groups = groupsOf(of);
  const arriving = new Arrivals(hopCountMax * stepsPerHop);
  // The clock starts when the seeds have it: before that nobody has anything to give.
  arriving.add(0, seedCount / cellViewerCount);
  let giving = 0;
  let sending = 0;
  let reached = 0;
  for (let step = 0; step < hopCountMax * stepsPerHop; step++) {
    const nowSec = step * stepSec;
    for (const group of groups) {
      if (group.fetchAtSec > nowSec || group.waiting === 0) continue;
      arriving.add(Math.max(step, group.fetchedAtSec / stepSec), giverRatio * group.waiting);
      group.waiting = 0;
    }
    const { sent, fetched } = arriving.at(step);
    sending -= arriving.at(step - idleSteps).sent;
    giving += giverRatio * sent + fetched;
    for (const group of groups) {
      group.open = group.waiting * openRatio(group, { nowSec, stepSec, hopSec });
    }
    const lacking = groups.reduce((sum, { open }) => sum + open, 0);
    const idle = uploadSlotCount * giving - sending;
    if (lacking > 0 && idle > 0) {
      // Those who have a partner that gives it ask; each who gives can answer so many of them.
      const asking = lacking * (1 - pow(1 - Math.min(1, giving), partnerCount));
      const begun = idle * (1 - exp(-asking / idle));
      for (const group of groups) group.waiting -= (group.open * begun) / lacking;
      arriving.send(step + stepsPerHop, begun);
      sending += begun;
      reached += begun;
    }
    if (groups.every(({ waiting }) => waiting < 1e-5)) break;
  }
  return reached;
}

/** Who begins to hold the segment, step by step. */
class Arrivals {
  readonly #sent: Float64Array;
  readonly #fetched: Float64Array;

  constructor(stepCount: number) {
    this.#sent = new Float64Array(stepCount);
    this.#fetched = new Float64Array(stepCount);
  }

  at(step: number): { sent: number; fetched: number } {
    return { sent: this.#sent[step] ?? 0, fetched: this.#fetched[step] ?? 0 };
  }

  /** From a neighbour. */
  send(step: number, ratio: number): void {
    if (step < this.#sent.length) this.#sent[step]! += ratio;
  }

  /** From the edge, and gives; between two steps it is shared out to both. */
  add(step: number, ratio: number): void {
    const before = Math.floor(step);
    const part = step - before;
    if (before < this.#fetched.length) this.#fetched[before]! += (1 - part) * ratio;
    if (before + 1 < this.#fetched.length) this.#fetched[before + 1]! += part * ratio;
  }
}

interface Group {
  /** The share of the cell that is in it, and lacks the segment still. */
  waiting: number;
  /** Of these, who may be begun to be sent it in this step. */
  open: number;
  /** When it is fetched from the edge if nobody sends it, and when what is sent is to have come. */
  fetchAtSec: number;
  endBySec: number;
  /** When what is fetched is there: never before the seeds have it. */
  fetchedAtSec: number;
}

/** Instants count from when the seeds have the segment. */
function groupsOf(of: SpreadOptions): Group[] {
  const { seedCount, cellViewerCount, segmentSec, latencySec, urgentSec } = of;
  const fetchSec = fetchSecOf(urgentSec);
  const jamSec = swarmParameters.jamMs / 1_000;
  const slowSec = segmentSec + Math.min(fetchSec, segmentSec / 2) + jamSec;
  return Array.from({ length: groupCount }, (_, n) => {
    // A segment is announced when it is whole, a segment after its beginning.
    const dueSec = latencySec - segmentSec + ((n + 0.5) / groupCount) * segmentSec - fetchSec;
    const safeBySec = dueSec - urgentSec;
    const fetchAtSec = Math.min(safeBySec, dueSec - slowSec);
    return {
      waiting: (1 - seedCount / cellViewerCount) / groupCount,
      open: 0,
      fetchAtSec,
      fetchedAtSec: Math.max(0, fetchAtSec + fetchSec),
      endBySec: safeBySec + swarmParameters.graceMs / 1_000,
    };
  });
}

/** The part of a step in which the group may be begun to be sent it. */
function openRatio(
  { fetchAtSec, endBySec }: Group,
  { nowSec, stepSec, hopSec }: { nowSec: number; stepSec: number; hopSec: number },
): number {
  const untilSec = Math.min(fetchAtSec, endBySec - hopSec);
  return Math.min(1, Math.max(0, (untilSec - nowSec) / stepSec));
}

/** The fetch for which a viewer keeps so much free, by the core's rule. */
function fetchSecOf(urgentSec: number): number {
  const safetySec = swarmParameters.safetyMs / 1_000;
  // It keeps the safety free besides a fetch, or half a fetch if that is more.
  const fetchSec = Math.min(urgentSec - safetySec, urgentSec / 1.5);
  return Math.max(swarmParameters.fetchMsFloor / 1_000, fetchSec);
}
