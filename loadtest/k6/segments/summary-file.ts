/** Summaries of generators, from files: as SUMMARY names them, or the log of a runner that prints it. */
import { z } from "zod";
import { AppError } from "../../../src/base/errors.ts";
import { readGivenFile } from "../../../src/node/given-file.ts";
import type { SegmentSummary } from "./merge-summaries.ts";
import type { NamedSummary } from "./segment-parts.ts";

const summarySchema = z.object({
  metrics: z.record(
    z.string(),
    z.object({
      type: z.enum(["counter", "gauge", "rate", "trend"]),
      values: z.record(z.string(), z.number()),
    }),
  ),
  startedUnixMs: z.number(),
  run: z.object({ wire: z.string(), segment: z.string(), sequence: z.string() }),
}) satisfies z.ZodType<SegmentSummary>;

/** Throws an AppError for a file without one. */
export function readSummary(file: string): NamedSummary {
  const json = lastJson(readGivenFile(file));
  const parsed = summarySchema.safeParse(json);
  if (parsed.success) return { name: file, ...parsed.data };
  if (parsed.error.issues.every(({ path }) => path[0] === "run")) {
    throw new AppError("CONFIG_INVALID", `${file} does not say which run it is of: run it again`);
  }
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
