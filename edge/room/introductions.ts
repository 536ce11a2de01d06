/**
 * What a viewer may say to one it was made known to: one description a side, another only after a
 * while, the offer by who was told to call, the answer by who was called, and so many candidates in
 * all. Whatever is above that nobody needs, and the other side would pay for it.
 */
import { candidateCountMax } from "../../src/swarm/admit-signal.ts";
import type { Signal } from "../../src/swarm/room-messages.ts";

/** One side of it. */
export interface Introduction {
  /** Told to call. */
  readonly isCaller: boolean;
  candidateCount: number;
  /** Words that there are no more candidates. */
  endCount: number;
  /** When its description was passed on last. */
  describedMs: number;
}

/** A call that was not answered by then has failed (`dialMsMax` of the viewer's side). */
const describePauseMs = 10_000;
/** One for each description, and as many for who is not sure. */
const endCountMax = 4;

export function newIntroduction(isCaller: boolean): Introduction {
  return { isCaller, candidateCount: 0, endCount: 0, describedMs: -Infinity };
}

/** Whether the one whose side `own` is may send such a signal now. */
export function maySay(
  { own, other }: { own: Introduction; other: Introduction },
  signal: Signal,
  nowMs: number,
): boolean {
  const { type } = signal;
  if (type === "candidate") {
    const isEnd = signal.candidate === "";
    return isEnd ? own.endCount < endCountMax : own.candidateCount < candidateCountMax;
  }
  if ((type === "offer") !== own.isCaller) return false;
  if (type === "answer" && other.describedMs === -Infinity) return false;
  return nowMs - own.describedMs >= describePauseMs;
}

/** Notes what is passed on; false when it has more candidates than are left. */
export function noteSaid(
  own: Introduction,
  { type, candidateCount }: { type: Signal["type"]; candidateCount: number },
  nowMs: number,
): boolean {
  if (own.candidateCount + candidateCount > candidateCountMax) return false;
  own.candidateCount += candidateCount;
  if (type !== "candidate") own.describedMs = nowMs;
  else if (candidateCount === 0) own.endCount += 1;
  return true;
}
