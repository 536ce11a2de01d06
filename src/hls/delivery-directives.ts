/**
 * Delivery directives (RFC 8216bis section 6.2.5.2): reading `_HLS_msn`, `_HLS_part` and `_HLS_skip`
 * from a query, and the table that says what a playlist request with them meets:
 *
 * | request                                     | decision                         |
 * |---------------------------------------------|----------------------------------|
 * | `_HLS_part` alone, no number, a key twice   | 400, by readDeliveryDirectives   |
 * | nothing listed yet                          | waitStart                        |
 * | the playlist has ended, or no `_HLS_msn`    | answer                           |
 * | msn past the last by more than msnAheadMax  | refuse                           |
 * | part past the last by the Advance Part Limit| refuse                           |
 * | listed, or older than the window            | answer                           |
 * | part past the end of a complete segment     | as part 0 of the next            |
 * | otherwise                                   | wait for that segment or part    |
 */

export interface DeliveryDirectives {
  msn?: number;
  part?: number;
  /** A delta update is welcome. */
  skip?: "YES" | "v2";
}

export type DirectivesResult =
  { ok: true; directives: DeliveryDirectives } | { ok: false; problem: string };

const noDirectives: DirectivesResult = { ok: true, directives: {} };

/** Reads a query (without its "?"); other keys are ignored, unknown `_HLS_` ones too. */
export function readDeliveryDirectives(query: string): DirectivesResult {
  if (!query.includes("_HLS_")) return noDirectives;
  const directives: DeliveryDirectives = {};
  for (const pair of query.split("&")) {
    const equals = pair.indexOf("=");
    const key = equals < 0 ? pair : pair.slice(0, equals);
    const value = equals < 0 ? "" : pair.slice(equals + 1);
    const problem = readDirective(directives, key, value);
    if (problem !== undefined) return { ok: false, problem };
  }
  if (directives.part !== undefined && directives.msn === undefined) {
    return { ok: false, problem: "_HLS_part needs _HLS_msn" };
  }
  return { ok: true, directives };
}

function readDirective(
  directives: DeliveryDirectives,
  key: string,
  value: string,
): string | undefined {
  if (key === "_HLS_skip") {
    if (directives.skip !== undefined) return "_HLS_skip stands twice";
    if (value !== "YES" && value !== "v2") return "_HLS_skip must be YES or v2";
    directives.skip = value;
    return undefined;
  }
  if (key !== "_HLS_msn" && key !== "_HLS_part") return undefined;
  const field = key === "_HLS_msn" ? "msn" : "part";
  if (directives[field] !== undefined) return `${key} stands twice`;
  // 15 digits stay below 2^53, as in paths.
  if (!/^\d{1,15}$/.test(value)) return `${key} must be a decimal number`;
  directives[field] = Number(value);
  return undefined;
}

/** How far the playlist that would be answered now has come. */
export interface PlaylistPosition {
  /** Of the last complete segment. */
  lastMsn: number;
  ended: boolean;
  /** Absent where the playlist has no parts. */
  parts?: {
    targetMs: number;
    /** Parts of the segment `lastMsn`. */
    lastSegmentPartCount: number;
    /** Parts listed of the segment after it. */
    openPartCount: number;
  };
}

export type DirectiveDecision =
  | { kind: "answer" }
  /** Hold until this segment is complete, or this part of it listed. */
  | { kind: "wait"; msn: number; part?: number }
  /** Hold until the first playlist exists. */
  | { kind: "waitStart" }
  /** 400. */
  | { kind: "refuse"; reason: string };

/** How far past the last segment a request may ask of the node that makes them: section 6.2.5.2. */
export const msnAheadMaxAtOrigin = 2;

const answer: DirectiveDecision = { kind: "answer" };
const waitStart: DirectiveDecision = { kind: "waitStart" };

/** The table above; `position` is undefined while nothing is listed. */
export function decideOnDirectives(
  directives: DeliveryDirectives,
  position: PlaylistPosition | undefined,
  { msnAheadMax }: { msnAheadMax: number },
): DirectiveDecision {
  if (position === undefined) return waitStart;
  const { msn, part } = directives;
  if (position.ended || msn === undefined) return answer;
  if (msn > position.lastMsn + msnAheadMax) {
    return { kind: "refuse", reason: `the last segment is ${position.lastMsn}` };
  }
  if (part === undefined || position.parts === undefined) {
    return msn <= position.lastMsn ? answer : { kind: "wait", msn };
  }
  return decideOnPart({ msn, part }, position.lastMsn, position.parts);
}

function decideOnPart(
  asked: { msn: number; part: number },
  lastMsn: number,
  parts: NonNullable<PlaylistPosition["parts"]>,
): DirectiveDecision {
  if (asked.msn < lastMsn) return answer;
  if (asked.msn === lastMsn && asked.part < parts.lastSegmentPartCount) return answer;
  const { msn, part } = asked.msn === lastMsn ? { msn: lastMsn + 1, part: 0 } : asked;
  const partsAhead = msn === lastMsn + 1 ? part - parts.openPartCount + 1 : part + 1;
  if (partsAhead <= 0) return answer;
  if (partsAhead > advancePartLimit(parts.targetMs)) {
    return { kind: "refuse", reason: `part ${part} of ${msn} is too far ahead` };
  }
  return { kind: "wait", msn, part };
}

/** Section 6.2.5.2: three parts, or the parts of three seconds if they are shorter than one. */
function advancePartLimit(partTargetMs: number): number {
  return partTargetMs < 1000 ? Math.ceil(3000 / partTargetMs) : 3;
}

/** How long a request is held at most: three target durations, or less if so configured. */
export function holdMsFor(options: { targetDurationSec: number; holdMsMax: number }): number {
  return Math.min(3 * options.targetDurationSec * 1000, options.holdMsMax);
}
