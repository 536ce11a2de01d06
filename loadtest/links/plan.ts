/** What the emulator is to do, from a JSON file; and whether the process may open as many files. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { AppError } from "../../src/base/errors.ts";
import { parseListenAddress } from "../../src/config/listen-address.ts";

/**
 * Most connections of one emulator. Of viewers at 450 kbps it carries 3,000 with lateness below 50 ms
 * at the 99th percentile, on about half a core (`npm run bench -- links`, Node 20, AMD EPYC, with other
 * work on both cores). Whoever wants more starts another one on another core.
 */
export const connectionCountCeiling = 5_000;
/** Of Node itself, logs and the admin port. */
const ownFileCount = 64;

const planSchema = z.strictObject({
  /** Folder that ready.json is written to. */
  stateDir: z.string().min(1),
  edges: z
    .array(
      z.string().refine((address) => parseListenAddress(address) !== undefined, {
        error: "must be host:port",
      }),
    )
    .min(1)
    .max(64),
  /** Rates of the viewers' paths; the ratios of linkClassesOf may stand beside them. */
  classes: z
    .array(z.strictObject({ kbps: z.number().min(1).max(1e8), ratio: z.number().optional() }))
    .min(1)
    .max(32),
  rttMs: z.number().min(0).max(5_000),
  /** Variation of each path over time; null: none. */
  noise: z
    .strictObject({
      logSigma: z.number().min(0).max(3),
      correlationSec: z.number().min(0.1).max(10_000),
      stepMs: z.number().min(10).max(60_000),
    })
    .nullable(),
  seed: z.int().min(0).max(4_294_967_295),
  /**
   * Bytes that an answer over an idle path begins with at no cost of time: the model's playlists and
   * heads cost a round trip and no more.
   */
  freeHeadBytes: z.int().min(0).max(65_536).default(0),
  /** What the connections of one edge share; null: nothing. */
  sharedKbpsPerEdge: z.number().min(1).max(1e9).nullable(),
  connectionCountMax: z.int().min(1).max(connectionCountCeiling),
});

export type LinkPlan = z.output<typeof planSchema>;

/** Throws an AppError that lists what is wrong with the file. */
export function readPlan(file: string): LinkPlan {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new AppError("CONFIG_UNREADABLE", `${file}: ${(error as Error).message}`, error);
  }
  const parsed = planSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `  ${path.join(".")}: ${message}`,
  );
  throw new AppError("CONFIG_INVALID", `${file} is no plan of links:\n${problems.join("\n")}`);
}

/** Throws an AppError when the process may not open what the plan needs: two files a connection. */
export function requireOpenFiles(plan: LinkPlan, openFileCountMax: number): void {
  const ports = plan.edges.length * plan.classes.length;
  const needed = 2 * plan.connectionCountMax + ports + ownFileCount;
  if (needed <= openFileCountMax) return;
  throw new AppError(
    "CONFIG_INVALID",
    `connectionCountMax ${plan.connectionCountMax} needs ${needed} open files, and this process ` +
      `may have ${openFileCountMax}: raise it (ulimit -n ${needed}), or plan fewer connections`,
  );
}

/** The soft limit of this process; Infinity where the system does not say (no /proc). */
export function openFileCountMax(): number {
  let limits: string;
  try {
    limits = readFileSync("/proc/self/limits", "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Infinity;
    throw error;
  }
  const [, soft] = /^Max open files +(\S+)/m.exec(limits) ?? [];
  return soft === undefined || soft === "unlimited" ? Infinity : Number(soft);
}
