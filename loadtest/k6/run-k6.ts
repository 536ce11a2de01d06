/** Runs a k6 script in the real k6 to its end, for tests; the k6 is built on first use. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { k6Environment } from "./k6-build.ts";
import { findOrBuildK6 } from "./find-or-build-k6.ts";

/** k6's exit code when a threshold was missed. */
export const thresholdsMissed = 99;

export interface K6Run {
  /** 0 good, 99 thresholds missed, 107 the script threw, anything else broken; null: killed. */
  code: number | null;
  /** The end of what it said. */
  stdout: string;
  stderr: string;
  /** What the script's summary wrote to the file in SUMMARY; empty when it wrote none. */
  metrics: Record<string, { values: Record<string, number>; thresholds?: K6Thresholds }>;
}

type K6Thresholds = Record<string, { ok: boolean }>;

/** Of each output, kept. */
const outputCharsMax = 200_000;

/**
 * Runs the script to its end; `variables` are what it finds in `__ENV`. After `timeoutMs` k6 is
 * killed, and the code is null. Throws an AppError (TOOL_MISSING) when there is no k6 to run.
 */
export async function runK6(
  script: string,
  variables: Record<string, string> = {},
  { timeoutMs = 120_000, args = [] }: { timeoutMs?: number; args?: readonly string[] } = {},
): Promise<K6Run> {
  const path = await findOrBuildK6((line) => console.error(line));
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-k6-"));
  const summary = join(folder, "summary.json");
  const environment = { ...variables, SUMMARY: summary };
  const given = Object.entries(environment).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  const child = spawn(path, ["run", "--quiet", "--no-color", ...args, ...given, script], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...k6Environment },
  });
  let stdout = "";
  let stderr = "";
  const kept = (before: string, text: string): string => (before + text).slice(-outputCharsMax);
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout = kept(stdout, text)));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr = kept(stderr, text)));
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const timer = setTimeout(kill, timeoutMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    return { code, stdout, stderr, metrics: readSummary(summary) };
  } finally {
    clearTimeout(timer);
    process.off("exit", kill);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A run that broke before its summary has none. */
function readSummary(path: string): K6Run["metrics"] {
  try {
    const summary = JSON.parse(readFileSync(path, "utf8")) as Pick<K6Run, "metrics">;
    return summary.metrics;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}
