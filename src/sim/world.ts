/**
 * Everything the engine remembers, as columns over memory that threads may share: one element a
 * viewer, an edge, an edge and rung, or an edge, rung and recent segment. Each column of viewers or
 * edges is written by one thread within a window: the one whose edges they are.
 */
import { countSlots } from "../relay/counts.ts";
import { layOutViewers, type Viewers } from "../viewer/viewers.ts";
import type { Arena } from "./arena.ts";
import { turnWindowsMax, type SimPlan } from "./plan.ts";

/** What a viewer's next event is, as `world.act` holds it. */
export const act = {
  /** Begins a session. */
  join: 0,
  /** Looks what there is to do: poll, fetch or wait. */
  wake: 1,
  /** The segment under way is complete, timed out, or its viewer leaves. */
  finish: 2,
  /** The body of a segment begins to flow over a shared link. */
  flowStart: 3,
  /** A body flows over a shared link; the link says when it ends. */
  flowing: 4,
  /** A player that cannot start tries again. */
  retryStart: 5,
} as const;

/** Sums an edge keeps of all that ended there, as offsets into its row of `world.sums`. */
export const sum = {
  sessions: 0,
  /** Sessions that ended without having shown a frame. */
  failedSessions: 1,
  playedMs: 2,
  stalledMs: 3,
  stalls: 4,
  switches: 5,
  viewerBytes: 6,
  discardedMs: 7,
  downloadedMs: 8,
  /** Segments, playlists and attempts to start. */
  requests: 9,
  /** Sent by the edge, and by peers: counted where bodies end, not where viewers count them. */
  edgeBytes: 10,
  peerBytes: 11,
  fillBytes: 12,
  uniqueFillBytes: 13,
  overCapacityQuanta: 14,
  /** Media in the buffers of sessions that were open at the end. */
  bufferedMs: 15,
  /** Segments asked of the edge, and those of them that were on their way to it. */
  asked: 16,
  joined: 17,
} as const;
export const sumCount = Object.keys(sum).length;

/** Recent segments an edge or shield keeps times of, a rung: a power of two. */
export const recentCount = 64;
/** Intervals of an edge's load that lie ahead, for bodies under way: a power of two. */
export const loadRingCount = 2_048;

/** What a viewer is to others. */
export const peerRole = { none: 0, takes: 1, gives: 2 } as const;

/** What a shield or edge does, as `shieldState` and `edgeState` hold it. */
export const nodeState = { up: 0, reset: 1, silent: 2 } as const;

export const flag = {
  /** Viewers changed edges: members have to be found anew. */
  moved: 0,
  /** Capacities changed: whether links are ample is not known from the window before. */
  mustShare: 1,
} as const;

export interface World {
  readonly plan: SimPlan;
  readonly viewers: Viewers;

  /** When and what each viewer's next event is. */
  readonly nextUs: Float64Array;
  readonly act: Uint8Array;
  /** When the session ends, whatever happens. */
  readonly endUs: Float64Array;
  readonly edge: Int32Array;
  readonly homeEdge: Int32Array;
  /** Key of the viewer's random numbers. */
  readonly key: Uint32Array;
  /** Sessions begun in this viewer's place. */
  readonly session: Uint32Array;
  readonly rule: Uint8Array;
  /** Binary logarithm of the path's median rate in bits a microsecond. */
  readonly pathLog2: Float64Array;
  /** The path's present deviation from it, in sigmas, and the window it was drawn for. */
  readonly pathNoise: Float64Array;
  readonly pathNoiseWindow: Int32Array;
  /** Upload line of a viewer who lets others have segments; 0 for all others. */
  readonly uploadKbps: Float32Array;
  /** A value of `peerRole`. */
  readonly peerRole: Uint8Array;

  /** The body under way: its size, when it was asked for, began and at what rate it may flow. */
  readonly bodyBytes: Float64Array;
  readonly bodyAskedUs: Float64Array;
  readonly bodyFromUs: Float64Array;
  readonly bodyBitsPerUs: Float64Array;
  /** When it is complete; Infinity while a shared link has not said so. */
  readonly bodyDoneUs: Float64Array;
  /** Bits still to come, where a shared link decides. */
  readonly bodyBitsLeft: Float64Array;
  readonly bodyRung: Int8Array;
  readonly bodyFromPeer: Uint8Array;
  /** Next viewer with an event in the same quantum; see shared-window.ts. */
  readonly nextInQuantum: Int32Array;

  /** A row of `sumCount` an edge. */
  readonly sums: Float64Array;
  /** A value of `nodeState`. */
  readonly edgeState: Uint8Array;
  readonly edgeBitsPerUs: Float64Array;
  /** Whether the edge's link is shared out, quantum by quantum. */
  readonly isShared: Uint8Array;
  /** What its relay has counted, a row of `countSlots` of src/relay/counts.ts. */
  readonly relayCounts: Float64Array;
  /** Changes of an edge's load, a quantum each; see load.ts. */
  readonly loadRing: Float64Array;
  readonly loadBitsPerUs: Float64Array;
  /** Of the last turn: bits sent, an edge and window each, and those of the fullest quantum. */
  readonly windowBits: Float64Array;
  readonly windowPeakBits: Float64Array;
  /** Of the last window of the turn before. */
  readonly lastBits: Float64Array;
  readonly lastPeakBits: Float64Array;
  /** An edge and rung: newest MSN listed (-1: the rung is not followed), segments asked for. */
  readonly newestMsn: Float64Array;
  readonly demand: Float64Array;
  readonly rungSegments: Float64Array;
  /** Peers: how many, those of them who give, their upload lines, what they asked for and the share they give. */
  readonly peerCount: Float64Array;
  readonly peerGiverCount: Float64Array;
  readonly peerUploadKbps: Float64Array;
  readonly peerDemandBits: Float64Array;
  readonly peerRatio: Float64Array;
  /** An edge, rung and recent segment: when it was listed, and when it was there. */
  readonly listedUs: Float64Array;
  readonly readyUs: Float64Array;

  /** The same for shields, one after another. */
  readonly shieldState: Uint8Array;
  readonly shieldNewestMsn: Float64Array;
  readonly shieldListedUs: Float64Array;
  readonly shieldReadyUs: Float64Array;

  /** One element each, for all threads. */
  readonly ladderIndex: Int32Array;
  readonly flags: Int32Array;
}

/** Lays all columns out; the same plan gives the same places. */
export function layOutWorld(plan: SimPlan, arena: Arena): World {
  const n = plan.viewerCount;
  const edges = plan.edgeCount;
  const edgeRungs = edges * plan.rungKbps.length;
  const shieldRungs = plan.shieldCount * plan.rungKbps.length;
  return {
    plan,
    viewers: layOutViewers(n, arena),
    nextUs: arena.float64(n),
    act: arena.uint8(n),
    endUs: arena.float64(n),
    edge: arena.int32(n),
    homeEdge: arena.int32(n),
    key: arena.uint32(n),
    session: arena.uint32(n),
    rule: arena.uint8(n),
    pathLog2: arena.float64(n),
    pathNoise: arena.float64(n),
    pathNoiseWindow: arena.int32(n),
    uploadKbps: arena.float32(n),
    peerRole: arena.uint8(n),
    bodyBytes: arena.float64(n),
    bodyAskedUs: arena.float64(n),
    bodyFromUs: arena.float64(n),
    bodyBitsPerUs: arena.float64(n),
    bodyDoneUs: arena.float64(n),
    bodyBitsLeft: arena.float64(n),
    bodyRung: arena.int8(n),
    bodyFromPeer: arena.uint8(n),
    nextInQuantum: arena.int32(n),
    sums: arena.float64(edges * sumCount),
    edgeState: arena.uint8(edges),
    edgeBitsPerUs: arena.float64(edges),
    isShared: arena.uint8(edges),
    relayCounts: arena.float64(edges * countSlots),
    loadRing: arena.float64(edges * loadRingCount),
    loadBitsPerUs: arena.float64(edges),
    windowBits: arena.float64(edges * turnWindowsMax),
    windowPeakBits: arena.float64(edges * turnWindowsMax),
    lastBits: arena.float64(edges),
    lastPeakBits: arena.float64(edges),
    newestMsn: arena.float64(edgeRungs),
    demand: arena.float64(edgeRungs),
    rungSegments: arena.float64(edgeRungs),
    peerCount: arena.float64(edgeRungs),
    peerGiverCount: arena.float64(edgeRungs),
    peerUploadKbps: arena.float64(edgeRungs),
    peerDemandBits: arena.float64(edgeRungs),
    peerRatio: arena.float64(edgeRungs),
    listedUs: arena.float64(edgeRungs * recentCount),
    readyUs: arena.float64(edgeRungs * recentCount),
    shieldState: arena.uint8(plan.shieldCount),
    shieldNewestMsn: arena.float64(shieldRungs),
    shieldListedUs: arena.float64(shieldRungs * recentCount),
    shieldReadyUs: arena.float64(shieldRungs * recentCount),
    ladderIndex: arena.int32(1),
    flags: arena.int32(2),
  };
}
