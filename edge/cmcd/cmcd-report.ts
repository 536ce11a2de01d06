/**
 * One CMCD report as the edge takes it (CTA-5004 and 5004-B): the keys it uses, in sane ranges.
 * What is missing, of another type or out of range is -1; it is never guessed here.
 */

/** What a player does, as its `sta` says; `unknown` until it has said so. */
export const playerStates = [
  "unknown",
  "preloading",
  "starting",
  "playing",
  "seeking",
  "stalled",
  "paused",
  "ended",
  "failed",
] as const;
export type PlayerStateName = (typeof playerStates)[number];

/** Indices of `playerStates`, as they are kept. */
export const stateIndex = Object.fromEntries(
  playerStates.map((name, index) => [name, index]),
) as Record<PlayerStateName, number>;

export interface CmcdReport {
  /** `sid`: one watch of one player. */
  sid: string;
  /** `e` of an event such as `ps`, `t` or `e`; "" in a request. */
  event: string;
  /** `sta` as an index of `playerStates`. */
  state: number;
  /** `ts`: when the event happened, by the player's clock. */
  atUnixMs: number;
  /** `bl`: the shortest where there are several. */
  bufferMs: number;
  /** `mtp`. */
  throughputKbps: number;
  /** `pb`, else `br`: the highest where there are several. */
  rungKbps: number;
  /** `ltc`. */
  latencyMs: number;
  /** `msd`. */
  startupMs: number;
  /** `bsa`: stalls since the session began. */
  stallCount: number;
  /** `bsda`: stalled since the session began. */
  stallMs: number;
  /** `bsd`: how many stalls that ended it lists, and their sum. */
  endedStallCount: number;
  endedStallMs: number;
  /** `bs`: there was a stall since the request before. */
  isStarved: boolean;
  /** `su`. */
  isStartup: boolean;
  /** `pr`; 0 means paused, and 1 is what a missing one means. */
  playbackRate: number;
}

const sessionId = /^[A-Za-z0-9._-]{1,64}$/;

/** Whether a text may name a session: 1 to 64 of letters, digits, dot, hyphen and underscore. */
export function isSessionId(text: string): boolean {
  return sessionId.test(text);
}
