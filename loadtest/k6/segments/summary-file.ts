/** Summaries of generators, from files: as SUMMARY names them, or the log of a runner that prints it. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { AppError } from "../../../src/base/errors.ts";
import type { SegmentSummary } from "./merge-summaries.ts";

const summarySchema = z.object({
  metrics: z.record(
    z.string(),
    z.object({
      type: z.enum(["counter", "gauge", "rate", "trend"]),
      values: z.record(z.string(), z.number()),
    }),
  ),
  startedUnixMs: z.number(),
}) satisfies z.ZodType<SegmentSummary>;

/** Throws an AppError for a file without one. */
export function readSummary(file: string): SegmentSummary {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new AppError("CONFIG_UNREADABLE", `${file}: ${(error as Error).message}`, error);
  }
  const parsed = summarySchema.safeParse(lastJson(text));
  if (parsed.success) return parsed.data;
  throw new AppError(
    "CONFIG_INVALID",
    `${file} holds no summary of a generator: it must be what wire.ts wrote to its SUMMARY, ` +
      `or the log of a runner whose SUMMARY is stdout`,
  );
}

/** The last line that is one; log lines of k6 come before it. */
function lastJson(text: string): unknown {
  const line = text.split("\n").findLast((candidate) => candidate.startsWith('{"metrics":'));
  try {
    return JSON.parse(line ?? text);
  } catch {
    return undefined;
  }
}
