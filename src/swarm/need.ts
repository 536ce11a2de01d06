/** A segment that is looked for, and what is under way to get it. */
import { chunkBytesUsual } from "./peer-message.ts";
import type { PeerId } from "./room-messages.ts";
import { segmentKey, type SegmentFacts } from "./segment.ts";

export interface Need {
  readonly facts: SegmentFacts;
  readonly key: string;
  /** The player waits for it. */
  isWanted: boolean;
  readonly sinceMs: number;
  /** Somebody in the cell was told to fetch it. */
  readonly hasSeeds: boolean;
  /** How late in its time it is fetched from the edge if no neighbour holds it; 0 to below 1. */
  readonly backupChance: number;
  /** The fetch from the edge that runs. */
  fetch: { sinceMs: number; progressAtMs: number; loadedBytes: number } | null;
  /** The edge failed, or gave other bytes than it announced: it is not asked again. */
  isEdgeBarred: boolean;
  /** Asked of neighbours at least once. */
  isAsked: boolean;
  /** Bytes being compared with the digest, and whose they are: null for the edge. */
  checking: { check: number; bytes: Uint8Array; peer: PeerId | null } | null;
  /** The edge's bytes, in case those being compared are wrong. */
  spare: Uint8Array | null;
  readonly downloads: Download[];
  /** Neighbours not to be asked for it again before an instant. */
  readonly notBeforeMs: Map<PeerId, number>;
}

/** A request at one neighbour, then the transfer from it. */
export interface Download {
  readonly need: Need;
  readonly peer: PeerId;
  readonly transfer: number;
  /** `asked`: no answer yet; `waiting`: in its queue; `running`: bytes come. */
  state: "asked" | "waiting" | "running";
  /** Counts among those that may send at any moment. */
  isActive: boolean;
  readonly askedAtMs: number;
  /** When an answer is due: of one that waits, its turn if that is soon. */
  patientUntilMs: number;
  /** Until when one that waits is to have its turn; Infinity: it said that it would be too late. */
  turnByMs: number;
  /** Filled in order. */
  bytes: Uint8Array | null;
  receivedBytes: number;
  /** Of the first piece, which tells nothing of the rate. */
  firstBytes: number;
  firstAtMs: number;
  progressAtMs: number;
}

export function createNeed(
  of: Pick<Need, "facts" | "sinceMs" | "hasSeeds" | "backupChance">,
): Need {
  return {
    ...of,
    key: segmentKey(of.facts),
    isWanted: false,
    fetch: null,
    isEdgeBarred: false,
    isAsked: false,
    checking: null,
    spare: null,
    downloads: [],
    notBeforeMs: new Map(),
  };
}

/** The transfer that runs, if one does; of several the one that others were given up for. */
export function runningDownload(need: Need): Download | undefined {
  return need.downloads.find(isProven) ?? need.downloads.find(({ state }) => state === "running");
}

/** Whether so much has come that it is worth more than a place in another's queue. */
export function isProven({ receivedBytes, need }: Download): boolean {
  return receivedBytes >= Math.min(chunkBytesUsual, need.facts.bytes);
}
