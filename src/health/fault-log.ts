/**
 * The last things that went wrong at one node, and what became good again: a small ring in words for
 * people. The same words again within ten minutes are the same fault, counted. Not a log: what
 * happened in full is in the log and in the metrics.
 */

export const faultLevels = ["bad", "warning", "good"] as const;
/** `good`: something that was wrong is over. */
export type FaultLevel = (typeof faultLevels)[number];

export interface Fault {
  level: FaultLevel;
  /** One sentence without control characters, at most `faultCharsMax` long. */
  text: string;
  /** How often it happened in a row. */
  count: number;
  firstUnixMs: number;
  lastUnixMs: number;
}

export const faultCharsMax = 160;
/** More than a screen of them helps nobody; arbitrary. */
const entryCountMax = 32;
/** Arbitrary: a fault that comes back later is a new one. */
const sameWithinMs = 600_000;

export class FaultLog {
  /** Oldest first, by when each happened last. */
  #entries: Fault[] = [];

  note(level: FaultLevel, text: string, nowUnixMs: number): void {
    const words = printable(text, faultCharsMax);
    const same = this.#entries.find(
      (entry) =>
        entry.level === level &&
        entry.text === words &&
        nowUnixMs - entry.lastUnixMs < sameWithinMs,
    );
    const others = this.#entries.filter((entry) => entry !== same);
    const fault: Fault = {
      level,
      text: words,
      count: (same?.count ?? 0) + 1,
      firstUnixMs: same?.firstUnixMs ?? nowUnixMs,
      lastUnixMs: nowUnixMs,
    };
    this.#entries = [...others, fault].slice(-entryCountMax);
  }

  /** The newest first. */
  recent(countMax = entryCountMax): Fault[] {
    return this.#entries.slice(-countMax).reverse();
  }
}

/** The text on one line, without what a terminal or a page would act on, cut to a length. */
export function printable(text: string, charsMax: number): string {
  // \p{C}: control, format (direction marks) and unassigned characters, lone surrogates.
  const plain = text
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  if (plain.length <= charsMax) return plain;
  let cut = "";
  for (const character of plain) {
    if (cut.length + character.length >= charsMax) break;
    cut += character;
  }
  return `${cut}…`;
}
