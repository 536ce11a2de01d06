/**
 * What the emulator of viewers' paths costs, and how late it is: viewers who get 450 kbps each, in
 * bodies of 2 s over paths that hardly carry them. The emulator has one core; viewers and edge share
 * the other. Its peer is a forwarder of connections that shapes nothing, with the same viewers.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { LinkStatus } from "../links/link-counts.ts";
import type { LinksReady } from "../links/main.ts";
import { connectionCountCeiling, type LinkPlan } from "../links/plan.ts";
import { cpuSecOf } from "../wire/process-usage.ts";
import {
  mediansOf,
  type BenchOptions,
  type BenchResult,
  type BenchRow,
} from "./harness/bench-result.ts";
import { startBodyEdge, startViewers } from "./harness/body-traffic.ts";
import { buildProgram } from "./harness/built-program.ts";
import { requireTools, startOnCore, type Started } from "./harness/processes.ts";

const emulatorCore = 0;
const trafficCore = 1;
const viewerCounts = [100, 1_000, 2_000];
/** Beyond those, one after the other, until the emulator is late. */
const ceilingCounts = [3_000, 4_000, connectionCountCeiling];
const viewerKbps = 450;
const periodMs = 2_000;
const bodyBytes = (viewerKbps * periodMs) / 8;
const rttMs = 20;
/** A body takes 1.957 s and a round trip: the link is busy nearly all the time. */
const linkKbps = 460;
const bodyMs = (8 * bodyBytes) / linkKbps + rttMs;
const warmUpMs = 5_000;
const measureMs = 8_000;
/** Later than this a viewer's measurements are the emulator's. */
const latenessP99MsMax = 50;

interface Contender {
  name: string;
  program: Started;
  port: number;
  /** Counts from here on; undefined: it counts nothing. */
  admin: number | undefined;
}

type StartContender = (edgePort: number, folder: string) => Promise<Contender>;

export async function run({ rounds, say }: BenchOptions): Promise<BenchResult> {
  requireTools([{ program: "taskset", debianPackage: "util-linux" }]);
  const links = join(buildProgram(say), "../../dist/loadtest/links/main.js");
  // All threads of this process: the emulator is to have its core for itself.
  spawnSync("taskset", ["-acp", String(trafficCore), String(process.pid)]);
  const emulator: StartContender = (edgePort, folder) => startEmulator(links, edgePort, folder);
  const rows: BenchRow[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const viewerCount of viewerCounts) {
      for (const start of [emulator, startForwarder]) {
        const row = await measure(start, viewerCount);
        rows.push(row);
        say(`round ${round}: ${row.task} ${row.contender}: ${JSON.stringify(row.values)}`);
      }
    }
  }
  const results = mediansOf(rows);
  let ceiling = 0;
  for (const viewerCount of viewerCounts) {
    const row = results.find(({ task, contender }) => {
      return task === taskOf(viewerCount) && contender === "links";
    });
    if (row !== undefined && isInTime(row)) ceiling = viewerCount;
  }
  for (const viewerCount of ceilingCounts) {
    const row = await measure(emulator, viewerCount);
    say(`${row.task} ${row.contender}: ${JSON.stringify(row.values)}`);
    results.push(row);
    if (!isInTime(row)) break;
    ceiling = viewerCount;
  }
  return resultOf(results, ceiling);
}

function taskOf(viewerCount: number): string {
  return `${viewerCount} viewers at ${viewerKbps} kbps`;
}

function isInTime({ values }: BenchRow): boolean {
  return values["latenessP99Ms"]! < latenessP99MsMax && values["deliveredRatio"]! > 0.97;
}

async function measure(start: StartContender, viewerCount: number): Promise<BenchRow> {
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-bench-links-"));
  const edge = await startBodyEdge(bodyBytes);
  const contender = await start(edge.port, folder);
  const traffic = startViewers({ port: contender.port, viewerCount, bodyBytes, periodMs });
  try {
    await delay(warmUpMs);
    await countsOf(contender, "POST /reset");
    traffic.takeTimesMs();
    const cpuBeforeSec = cpuSecOf(contender.program.pid);
    const ownBefore = process.cpuUsage();
    const startMs = performance.now();
    await delay(measureMs);
    const timesMs = traffic.takeTimesMs().sort((a, b) => a - b);
    const tookSec = (performance.now() - startMs) / 1_000;
    const cpuSec = cpuSecOf(contender.program.pid) - cpuBeforeSec;
    const own = process.cpuUsage(ownBefore);
    const status = await countsOf(contender, "GET /status");
    const gbps = (8 * bodyBytes * timesMs.length) / tookSec / 1e9;
    const isShaped = contender.admin !== undefined;
    return {
      task: taskOf(viewerCount),
      contender: contender.name,
      values: {
        cpuRatio: cpuSec / tookSec,
        cpuSecPerGbit: cpuSec / tookSec / gbps,
        cpuRatioPer1000: (cpuSec / tookSec / viewerCount) * 1_000,
        gbps,
        deliveredRatio: gbps / ((viewerCount * viewerKbps) / 1e6),
        latenessP99Ms: status?.lateness.p99Ms ?? Number.NaN,
        latenessMaxMs: status?.lateness.maxMs ?? Number.NaN,
        bodyErrorP50Ms: isShaped ? quantile(timesMs, 0.5) - bodyMs : Number.NaN,
        bodyErrorP99Ms: isShaped ? quantile(timesMs, 0.99) - bodyMs : Number.NaN,
        trafficCpuRatio: (own.user + own.system) / 1e6 / tookSec,
        rssMB: rssMBOf(contender.program.pid),
      },
    };
  } finally {
    traffic.stop();
    await contender.program.stop();
    edge.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function quantile(sorted: readonly number[], ratio: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(ratio * sorted.length))] ?? Number.NaN;
}

function rssMBOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024;
}

async function countsOf(
  { admin }: Contender,
  ask: "GET /status" | "POST /reset",
): Promise<LinkStatus | undefined> {
  if (admin === undefined) return undefined;
  const [method, path] = ask.split(" ") as [string, string];
  const response = await fetch(`http://127.0.0.1:${admin}${path}`, { method });
  return (await response.json()) as LinkStatus;
}

async function startEmulator(main: string, edgePort: number, stateDir: string): Promise<Contender> {
  const plan: LinkPlan = {
    stateDir,
    edges: [`127.0.0.1:${edgePort}`],
    classes: [{ kbps: linkKbps }],
    rttMs,
    noise: null,
    seed: 1,
    freeHeadBytes: 0,
    sharedKbpsPerEdge: null,
    connectionCountMax: connectionCountCeiling,
  };
  const file = join(stateDir, "plan.json");
  writeFileSync(file, JSON.stringify(plan));
  const program = startOnCore(emulatorCore, process.execPath, [main, file]);
  const readyFile = join(stateDir, "ready.json");
  await until(program, () => existsSync(readyFile));
  const { ready } = JSON.parse(readFileSync(readyFile, "utf8")) as { ready: LinksReady };
  return { name: "links", program, port: ready.links[0]!.port, admin: ready.admin };
}

async function startForwarder(edgePort: number): Promise<Contender> {
  const main = resolve(import.meta.dirname, "harness/tcp-forwarder.mjs");
  const program = startOnCore(emulatorCore, process.execPath, [main, String(edgePort)]);
  await until(program, () => program.output().endsWith("\n"));
  return { name: "forwarder", program, port: Number(program.output()), admin: undefined };
}

async function until(program: Started, isSo: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 30_000;
  while (!isSo()) {
    if (performance.now() > deadlineMs) throw new Error(`it never started:\n${program.output()}`);
    await delay(50);
  }
}

function resultOf(results: BenchRow[], ceiling: number): BenchResult {
  const value = (contender: string, key: string): number =>
    results.find((row) => row.task === taskOf(2_000) && row.contender === contender)?.values[key] ??
    Number.NaN;
  return {
    results,
    ratios: {
      "CPU, 2,000 viewers: links / forwarder":
        value("links", "cpuRatio") / value("forwarder", "cpuRatio"),
    },
    targets: [
      { name: "share of a core, 2,000 viewers", value: value("links", "cpuRatio"), max: 0.5 },
      { name: "lateness p99, 2,000 viewers, ms", value: value("links", "latenessP99Ms"), max: 50 },
      { name: "viewers in time on one core", value: ceiling, min: 2_000 },
    ],
  };
}
