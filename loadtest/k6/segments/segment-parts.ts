/**
 * Whether summaries are the parts of one run: each says by a hash which WIRE its generator was given,
 * and which segment it was. Merged figures of anything else would look like figures.
 */
import { createHash } from "node:crypto";
import { AppError } from "../../../src/base/errors.ts";
import type { WireRun } from "../scripts/wire-run.ts";
import { segmentNumber } from "./execution-segments.ts";
import type { SegmentSummary } from "./merge-summaries.ts";

/** A summary, and what to call it: its file. */
export interface NamedSummary extends SegmentSummary {
  name: string;
}

/** The variable WIRE: the same text for the same run, in whatever order its file has the keys. */
export function wireText(run: WireRun): string {
  return JSON.stringify(run, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** As wire.ts makes it of its WIRE. */
export function wireHash(run: WireRun): string {
  return createHash("sha256").update(wireText(run)).digest("hex");
}

/** Throws an AppError that names the file when the parts are not the segments of this run, each once. */
export function requireParts(run: WireRun, parts: readonly NamedSummary[]): void {
  const hash = wireHash(run);
  const names = new Map<number, string>();
  const first = numberOf(parts[0]!);
  for (const part of parts) {
    if (part.run.wire !== hash) {
      throw wrongParts(
        `${part.name} is of another run: merge it with the wire.json that it was run with`,
      );
    }
    const { number, count } = numberOf(part);
    if (count !== first.count) {
      throw wrongParts(
        `${part.name} is a segment of ${count}, and ${parts[0]!.name} of ${first.count}`,
      );
    }
    const other = names.get(number);
    if (other !== undefined) {
      throw wrongParts(
        `${other} and ${part.name} are both segment ${number} of ${count}: give each once`,
      );
    }
    names.set(number, part.name);
  }
  const missing = Array.from({ length: first.count }, (_, n) => n + 1).find((n) => !names.has(n));
  if (missing !== undefined) {
    throw wrongParts(
      `segment ${missing} of ${first.count} is missing: give those of all segments, each once`,
    );
  }
}

function numberOf({ name, run }: NamedSummary): { number: number; count: number } {
  const found = segmentNumber(run);
  if (found !== undefined) return found;
  throw wrongParts(
    `${name} is of the segment ${run.segment}, which is none of ${run.sequence}: ` +
      `run it with both --execution-segment and --execution-segment-sequence`,
  );
}

function wrongParts(why: string): AppError {
  return new AppError("CONFIG_INVALID", why);
}
