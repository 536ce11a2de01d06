/** wrk on a core of its own against one URL. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface WrkFigures {
  requestsPerSec: number;
  /** Everything received, response heads included. */
  bytes: number;
  requestCount: number;
  durationSec: number;
  latencyP99Ms: number;
}

const script = `
done = function(summary, latency, requests)
  local e = summary.errors
  local failed = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format("RESULT %d %d %d %d %f\\n", summary.requests, summary.bytes,
    summary.duration, failed, latency:percentile(99)))
end
`;

/** Throws when any request failed: figures of errors say nothing. */
export async function runWrk(options: {
  url: string;
  core: number;
  connectionCount: number;
  durationSec: number;
  /** How long a connection rests after each answer; 0: as fast as it goes. */
  restMs?: number;
}): Promise<WrkFigures> {
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-wrk-"));
  const file = join(folder, "done.lua");
  const { restMs = 0 } = options;
  const resting = restMs > 0 ? `function delay() return ${restMs} end\n` : "";
  writeFileSync(file, resting + script);
  try {
    const output = await outputOf("taskset", [
      ...["-c", String(options.core), "wrk", "-t", "1", "-c", String(options.connectionCount)],
      ...["-d", `${options.durationSec}s`, "-s", file, options.url],
    ]);
    const match = /RESULT (\d+) (\d+) (\d+) (\d+) ([\d.]+)/.exec(output);
    if (match === null) throw new Error(`wrk gave no result:\n${output}`);
    const [requestCount, bytes, durationUs, failedCount, p99Us] = match.slice(1).map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ];
    if (failedCount > 0) throw new Error(`${failedCount} requests to ${options.url} failed`);
    const durationSec = durationUs / 1e6;
    const requestsPerSec = requestCount / durationSec;
    return { requestsPerSec, bytes, requestCount, durationSec, latencyP99Ms: p99Us / 1000 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function outputOf(command: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.once("error", reject);
    child.once("close", () => resolve(output));
  });
}
