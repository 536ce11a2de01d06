/**
 * Faults are seen: a load test against an edge with one fault turns the line red that names it, and
 * the exit code is 99. The same edge without a fault passes, and a starved generator makes it void.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LoadReport } from "../../src/config/schema-load-report.ts";
import { loadScenario } from "../../src/node/scenario-file.ts";
import { startFaultyEdge, type Fault } from "../k6/testing/faulty-edge.ts";
import { descendantsOf } from "../wire/process-usage.ts";
import { startTarget, type RunTarget } from "../wire/run-target.ts";

const launcher = resolve(import.meta.dirname, "../../bin/fullhouse.mjs");
const folder = mkdtempSync(join(tmpdir(), "fullhouse-faults-"));
let target: RunTarget;

beforeAll(async () => {
  const { scenario } = loadScenario({ scenario: "ci", settings: ["wire.edges=1"] });
  target = await startTarget(scenario, { say: () => undefined });
});

afterAll(async () => {
  await target.stop();
  rmSync(folder, { recursive: true, force: true });
});

const options = [
  ...["--viewers", "60", "--set", "wire.linkClassCount=0", "--set", "wire.sampleEvery=4"],
  ...["--set", "durationSec=175", "--set", "wire.timeRatio=5"],
  ...["--set", 'audience.arrivals=[{"atSec":0,"ratio":0},{"atSec":20,"ratio":1}]'],
  ...["--set", "audience.churnPerMinRatio=0"],
];

async function runAgainst(
  name: string,
  url: string,
  withChild: (child: ChildProcess) => NodeJS.Timeout | undefined = () => undefined,
): Promise<{ code: number | null; output: string; report: LoadReport }> {
  const out = join(folder, name);
  const args = [launcher, "loadtest", "ci", "--target", url, "--out", out, ...options];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const timer = withChild(child);
  const code = await new Promise<number | null>((done) => child.once("close", done));
  clearInterval(timer);
  expect([0, 1, 99], output).toContain(code);
  const report = JSON.parse(readFileSync(join(out, "report.json"), "utf8")) as LoadReport;
  return { code, output, report };
}

const redNames = ({ checks }: LoadReport): string[] =>
  checks.filter(({ ok }) => !ok).map(({ name }) => name);

test.concurrent("an edge without a fault passes", async () => {
  const { code, output, report } = await runAgainst("none", target.edgeUrls[0]!);
  expect(redNames(report), output).toEqual([]);
  expect(code, output).toBe(0);
  expect(report.headline.measuredGbpsMean).toBeGreaterThan(0.01);
  expect(report.wire.cache!.hitRatio).toBeGreaterThan(0.9);
});

const isSegment = (path: string): boolean => path.endsWith(".m4s");
const isMediaPlaylist = (path: string): boolean => /\/\d+\/index\.m3u8$/.test(path);

const faults: {
  fault: string;
  line: string;
  faultOf: (path: string, n: number) => Fault | undefined;
}[] = [
  {
    fault: "drops one segment in a hundred",
    line: "failed requests",
    faultOf: (path, n) => (isSegment(path) && n % 100 === 99 ? { status: 503 } : undefined),
  },
  {
    fault: "serves a stale playlist",
    line: "stale playlists",
    faultOf: (path, n) => (isMediaPlaylist(path) && n > 200 ? { isStale: true } : undefined),
  },
  {
    fault: "is two seconds late",
    line: "slow segments",
    faultOf: () => ({ delayMs: 2_000 }),
  },
  {
    fault: "corrupts bytes",
    line: "corrupt segments",
    faultOf: (path) => (isSegment(path) ? { isCorrupt: true } : undefined),
  },
  {
    fault: "freezes",
    line: "stalled seconds",
    faultOf: (path, n) => (isSegment(path) && n > 250 ? { isFrozen: true } : undefined),
  },
];

test.concurrent.each(faults)(
  "an edge that $fault turns $line red",
  async ({ fault, line, faultOf }) => {
    const faulty = await startFaultyEdge(target.edgeUrls[0]!, faultOf);
    try {
      const { code, output, report } = await runAgainst(fault.replaceAll(" ", "-"), faulty.url);
      expect(redNames(report), output).toContain(line);
      expect(code, output).toBe(99);
      expect(output).toContain("RED");
    } finally {
      await faulty.close();
    }
  },
);

test.concurrent(
  "a starved generator makes the run void, which is no verdict on the edge",
  async () => {
    const { code, output, report } = await runAgainst("starved", target.edgeUrls[0]!, starve);
    expect(report.verdict, output).toBe("void");
    expect(code, output).toBe(1);
    expect(report.voidReasons.join(" ")).toMatch(/woke viewers up to \d+ ms late/);
    expect(output).toContain("VOID");
  },
);

/** Lets the generator run half a second of each second: it is stopped and continued. */
function starve(child: ChildProcess): NodeJS.Timeout {
  let isStopped = false;
  return setInterval(() => {
    isStopped = !isStopped;
    for (const { pid, command } of descendantsOf(child.pid!)) {
      if (command === "k6") process.kill(pid, isStopped ? "SIGSTOP" : "SIGCONT");
    }
  }, 500);
}
