/**
 * One k6 under way: started with what its script is told, looked at while it runs by its REST API,
 * and ended with this process. Its log goes to a file's worth of memory.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../../src/base/errors.ts";
import { thresholdsMissed } from "../k6/run-k6.ts";
import type { K6Output } from "../k6/prometheus-output.ts";
import { k6Environment } from "../k6/k6-build.ts";
import type { K6Metrics } from "./k6-figures.ts";

export interface K6Process {
  pid: number;
  /** Sum of a counter so far; undefined before there is one, or while k6 is too busy to say. */
  counted(metric: string): Promise<number | undefined>;
  /** Resolves at the end of the run; rejects with an AppError when the run broke. */
  ended: Promise<{ code: 0 | typeof thresholdsMissed; metrics: K6Metrics; startedUnixMs: number }>;
  stop(): void;
}

export interface K6Launch {
  script: string;
  /** What the script finds in `__ENV`. */
  variables: Readonly<Record<string, string>>;
  /** Port of the REST API; see freePort. */
  apiPort: number;
  /** Where it writes its figures while it runs, if anywhere. */
  output?: K6Output | undefined;
  args?: readonly string[];
}

const apiMsMax = 2_000;
/** Of its log, kept for when it breaks. */
const logCharsMax = 20_000;

export function startK6(
  path: string,
  { script, variables, apiPort, output, args = [] }: K6Launch,
): K6Process {
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-k6-"));
  const summary = join(folder, "summary.json");
  const address = `127.0.0.1:${apiPort}`;
  const child = spawn(
    path,
    [
      ...["run", "--quiet", "--no-color", "--address", address],
      ...(output?.args ?? []),
      ...args,
      script,
    ],
    {
      stdio: ["ignore", "ignore", "pipe"],
      // By the environment, not by -e: arguments are bounded, and anybody can read them.
      env: {
        ...process.env,
        ...k6Environment,
        ...output?.environment,
        ...variables,
        SUMMARY: summary,
      },
    },
  );
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log = (log + text).slice(-logCharsMax);
  });
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const ended = closed
    .then((code) => resultOf(code, { summary, log: () => log }))
    .finally(() => {
      process.off("exit", kill);
      rmSync(folder, { recursive: true, force: true });
    });
  return {
    pid: child.pid ?? 0,
    counted: (metric) => countOf(`http://${address}/v1/metrics/${metric}`),
    ended,
    stop: () => void child.kill("SIGINT"),
  };
}

function resultOf(
  code: number | null,
  { summary, log }: { summary: string; log: () => string },
): Awaited<K6Process["ended"]> {
  if (code !== 0 && code !== thresholdsMissed) {
    const how = code === null ? "was killed" : `ended with ${code}`;
    throw new AppError("CHILD_FAILED", `k6 ${how}; its log ends:\n${lastLines(log())}`);
  }
  const { metrics, startedUnixMs } = JSON.parse(readFileSync(summary, "utf8")) as {
    metrics: K6Metrics;
    startedUnixMs: number;
  };
  return { code, metrics, startedUnixMs };
}

function lastLines(log: string): string {
  return log.trim().split("\n").slice(-10).join("\n");
}

async function countOf(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(apiMsMax) });
    if (!response.ok) return undefined;
    const { data } = (await response.json()) as {
      data: { attributes: { sample: Record<string, number> } };
    };
    return data.attributes.sample["count"];
  } catch {
    // Before it listens, after it has ended, or too busy: there is no figure then.
    return undefined;
  }
}
