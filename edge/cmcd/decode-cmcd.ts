/**
 * Decodes one report. The only importer of @svta/cml-cmcd, and the place where CMCD is distrusted:
 * a report has a bounded length, a session, and numbers within ranges, or it is refused.
 */
import { decodeCmcd } from "@svta/cml-cmcd";
import { isSessionId, stateIndex, type CmcdReport } from "./cmcd-report.ts";

/** Longest report in characters; one with every key has about 1,000 without its URLs. */
export const reportLengthMax = 4_096;

/** Entries of a list that are read; there is one for each kind of object. */
const listLengthMax = 8;

interface Range {
  min: number;
  max: number;
}

const ranges = {
  atUnixMs: { min: 1_500_000_000_000, max: 10_000_000_000_000 },
  bufferMs: { min: 0, max: 600_000 },
  throughputKbps: { min: 1, max: 10_000_000 },
  rungKbps: { min: 1, max: 1_000_000 },
  latencyMs: { min: 0, max: 3_600_000 },
  startupMs: { min: 0, max: 300_000 },
  stallCount: { min: 0, max: 1_000_000 },
  stallMs: { min: 0, max: 86_400_000 },
  playbackRate: { min: 0, max: 16 },
} satisfies Record<string, Range>;

/** `sta` of CTA-5004-B; `w` stood in drafts for a wait that the viewer has to end. */
const statesByToken: Readonly<Record<string, number>> = {
  d: stateIndex.preloading,
  s: stateIndex.starting,
  p: stateIndex.playing,
  k: stateIndex.seeking,
  r: stateIndex.stalled,
  a: stateIndex.paused,
  w: stateIndex.paused,
  e: stateIndex.ended,
  q: stateIndex.ended,
  f: stateIndex.failed,
};

/** The report, or what is wrong with the text. Never throws. */
export function decodeReport(text: string): CmcdReport | "malformed" | "no-session" {
  if (text.length > reportLengthMax) return "malformed";
  let keys: Record<string, unknown>;
  try {
    // Without useSymbol: false each new token would stay in the engine's symbol table for ever.
    keys = decodeCmcd(text, { useSymbol: false });
  } catch {
    return "malformed";
  }
  const sid = keys["sid"];
  if (typeof sid !== "string" || !isSessionId(sid)) return "no-session";
  const ended = numbersOf(keys["bsd"], ranges.stallMs);
  const shown = Math.max(...numbersOf(keys["pb"], ranges.rungKbps), -1);
  return {
    sid,
    event: tokenOf(keys["e"]),
    state: statesByToken[tokenOf(keys["sta"])] ?? -1,
    atUnixMs: largestOf(keys["ts"], ranges.atUnixMs),
    bufferMs: smallestOf(keys["bl"], ranges.bufferMs),
    throughputKbps: largestOf(keys["mtp"], ranges.throughputKbps),
    rungKbps: shown === -1 ? largestOf(keys["br"], ranges.rungKbps) : shown,
    latencyMs: largestOf(keys["ltc"], ranges.latencyMs),
    startupMs: largestOf(keys["msd"], ranges.startupMs),
    stallCount: largestOf(keys["bsa"], ranges.stallCount),
    stallMs: largestOf(keys["bsda"], ranges.stallMs),
    endedStallCount: ended.length,
    endedStallMs: ended.reduce((sum, ms) => sum + ms, 0),
    isStarved: keys["bs"] === true,
    isStartup: keys["su"] === true,
    playbackRate: largestOf(keys["pr"], ranges.playbackRate),
  };
}

function largestOf(value: unknown, range: Range): number {
  return Math.max(...numbersOf(value, range), -1);
}

function smallestOf(value: unknown, range: Range): number {
  const numbers = numbersOf(value, range);
  return numbers.length === 0 ? -1 : Math.min(...numbers);
}

/** Version 1 has one number where version 2 has a list; an entry may carry parameters. */
function numbersOf(value: unknown, { min, max }: Range): number[] {
  const bare = bareOf(value);
  const entries: readonly unknown[] = Array.isArray(bare) ? bare.slice(0, listLengthMax) : [bare];
  return entries
    .map(bareOf)
    .filter((entry): entry is number => typeof entry === "number" && entry >= min && entry <= max);
}

function tokenOf(value: unknown): string {
  const bare = bareOf(value);
  if (typeof bare !== "object" || bare === null || !("description" in bare)) return "";
  return typeof bare.description === "string" ? bare.description.slice(0, 4) : "";
}

/** The value of an item that carries parameters. */
function bareOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "value" in value ? value.value : value;
}
