/** What a virtual world is made of, and what is counted in it. */

export interface WorldOptions {
  seed: number;
  viewerCount: number;
  segmentMs: number;
  mediaKbps: number;
  /** How far behind the live edge viewers play. */
  latencyMs: number;
  /** From the least to the most; drawn evenly. */
  uplinkKbps: readonly [number, number];
  /** Viewers to whom no connection opens. */
  unreachableRatio?: number;
  /** Viewers who only take. */
  noUploadRatio?: number;
  /** One viewer leaves and another comes so often; 0: never. */
  replaceEveryMs?: number;
  /** The first so many send wrong bytes. */
  liarCount?: number;
  /** The first so many stop in the middle of each upload. */
  stallerCount?: number;
  /** The first so many would have all of their neighbours' lines, by turns in either way. */
  greedyCount?: number;
  /** The first so many say to have everything, and to be busy. */
  busyCount?: number;
  seedCount?: number;
  /** Off: everybody asks the edge alone. */
  mode?: "on" | "off";
  /** In the measured time the lines to so many viewers get slower, and stay so. */
  lineDrop?: { afterMs: number; kbps: number; viewerCount: number };
  /** One way between viewer and viewer, and viewer and edge, from the least to the most. */
  delayMs?: readonly [number, number];
  warmUpMs?: number;
  measureMs?: number;
}

export interface Tally {
  /** What left the edge, aborted fetches too. */
  httpBytes: number;
  /** Whole, checked segments from peers. */
  peerBytes: number;
  /** Of both, what viewers began with: segments that were announced before they came. */
  startupHttpBytes: number;
  startupPeerBytes: number;
  /** What went up peers' lines. */
  sentBytes: number;
  stallCount: number;
  /** How long players were dry altogether, of stalls that ended. */
  stalledMs: number;
  deliveredCount: number;
  corruptCount: number;
  refusedCount: number;
  messageCount: number;
  tickCount: number;
  dropCounts: Record<string, number>;
  /** From the player's request to the segment, ms. */
  waitsMs: number[];
}

export function createTally(): Tally {
  return {
    httpBytes: 0,
    peerBytes: 0,
    startupHttpBytes: 0,
    startupPeerBytes: 0,
    sentBytes: 0,
    stallCount: 0,
    stalledMs: 0,
    deliveredCount: 0,
    corruptCount: 0,
    refusedCount: 0,
    messageCount: 0,
    tickCount: 0,
    dropCounts: {},
    waitsMs: [],
  };
}
