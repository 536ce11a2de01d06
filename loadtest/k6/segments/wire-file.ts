/** What a run of real viewers is, as a file that all its generators are given. */
import { z } from "zod";
import { AppError } from "../../../src/base/errors.ts";
import { readGivenJson } from "../../../src/node/given-file.ts";
import type { WireRun } from "../scripts/wire-run.ts";

const ratio = z.number().min(0).max(1);

const wireSchema = z
  .strictObject({
    feed: z.string().regex(/^[a-z0-9-]{1,32}$/),
    targets: z.array(z.array(z.url({ protocol: /^https?$/ })).min(1)).min(1),
    linkRatios: z.array(ratio).min(1),
    seed: z.int().min(0).max(4_294_967_295),
    viewerCount: z.int().min(1).max(100_000_000),
    durationSec: z.number().min(1),
    arrivals: z.array(z.strictObject({ atSec: z.number().min(0), ratio })).min(1),
    churnPerMinRatio: ratio,
    startGraceSec: z.number().min(0),
    startLeavePerSecRatio: ratio,
    stallLeaveSecPerSec: z.number().min(0),
    holdBackTargetDurations: z.number().min(1),
    bufferMsMax: z.number().min(2_000),
    blockingReload: z.boolean(),
    sampleEvery: z.int().min(0),
    needsDigest: z.boolean().exactOptional(),
    targetDurationMs: z.number().min(1).exactOptional(),
    rttMs: z.number().min(0),
    judgedBy: z.enum(["edges", "lines"]),
  })
  .refine(({ targets, linkRatios }) => targets.length === linkRatios.length, {
    path: ["linkRatios"],
    error: "must have one entry a row of targets",
  }) satisfies z.ZodType<WireRun>;

/** Throws an AppError that lists what is wrong with the file, or says that it is another one. */
export function readWireFile(file: string): WireRun {
  const json = readGivenJson(file);
  if (typeof json !== "object" || json === null || !("targets" in json && "feed" in json)) {
    throw new AppError("USAGE", `${file} is no wire.json: fullhouse segments plan writes it`);
  }
  const parsed = wireSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `  ${path.join(".") || "file"}: ${message}`,
  );
  throw new AppError("CONFIG_INVALID", `${file} is no run of viewers:\n${problems.join("\n")}`);
}
