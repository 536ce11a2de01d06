/**
 * What the origin itself costs, all but the encoder: its CPU while it makes the 2008 ladder of a
 * publisher and a relay takes every playlist and segment of it, and whether its memory stays flat.
 * One origin runs all the time; a round is two minutes of it, so the default is ten minutes.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readTail } from "../../src/hls/read-tail.ts";
import { canDrawText, testCardArguments } from "../../src/node/test-card.ts";
import { median, type BenchOptions, type BenchResult } from "./harness/bench-result.ts";
import { buildProgram } from "./harness/built-program.ts";
import { cpuSecOf } from "../wire/process-usage.ts";
import { requireTools, startOnCore, type Started } from "./harness/processes.ts";

const roundSec = 120;
/** The window and what stays fetchable after it: 24 segments of 4.267 s, and a little. */
const warmUpSec = 120;
const originCore = 0;
const rungs = ["150", "300", "450", "600", "750", "audio"];

interface Ports {
  rtmp: number;
  tier: number;
}

interface Sample {
  atMs: number;
  ownCpuSec: number;
  encoderCpuSec: number;
  rssMB: number;
}

export async function run({ rounds, say }: BenchOptions): Promise<BenchResult> {
  requireTools([
    { program: "ffmpeg", debianPackage: "ffmpeg" },
    { program: "taskset", debianPackage: "util-linux" },
  ]);
  const stateDir = mkdtempSync(join(tmpdir(), "fullhouse-bench-origin-"));
  const stopRelay = new AbortController();
  const open: { stop(): Promise<void> | void }[] = [];
  try {
    const origin = startOrigin(stateDir, say);
    open.push(origin);
    const ports = await portsOf(stateDir, origin);
    open.push(await publish(stateDir, ports));
    open.push({ stop: () => stopRelay.abort() });
    const relays = rungs.map((rung) => takeRung(ports, rung, stopRelay.signal));
    say(`Filling the window: ${warmUpSec} s ...`);
    await delay(warmUpSec * 1000);
    const samples: Sample[][] = [];
    for (let round = 1; round <= rounds; round++) {
      samples.push(await sampleRound(origin.pid));
      say(`round ${round} of ${rounds}: ${JSON.stringify(figuresOf(samples.at(-1)!))}`);
    }
    stopRelay.abort();
    const segmentCounts = await Promise.all(relays);
    return resultOf(samples, Math.min(...segmentCounts) / (warmUpSec + rounds * roundSec));
  } finally {
    for (const part of open.reverse()) await part.stop();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

function startOrigin(stateDir: string, say: (line: string) => void): Started {
  const settings = {
    "rtmp.listen": "127.0.0.1:0",
    "tier.listen": "127.0.0.1:0",
    "admin.listen": "127.0.0.1:0",
    "node.name": "bench",
    "node.logLevel": "warn",
    stateDir,
  };
  return startOnCore(originCore, process.execPath, [
    buildProgram(say),
    "origin",
    ...Object.entries(settings).flatMap(([key, value]) => ["--set", `${key}=${value}`]),
  ]);
}

async function portsOf(stateDir: string, origin: Started): Promise<Ports> {
  const file = join(stateDir, "ready.json");
  const deadlineMs = performance.now() + 30_000;
  while (!existsSync(file)) {
    if (performance.now() > deadlineMs) throw new Error(`no origin:\n${origin.output()}`);
    await delay(50);
  }
  return (JSON.parse(readFileSync(file, "utf8")) as { ready: Ports }).ready;
}

/** The test card over real RTMP, as a publisher sends it. */
async function publish(stateDir: string, ports: Ports): Promise<{ stop(): void }> {
  const key = readFileSync(join(stateDir, "stream-key-main"), "utf8").trim();
  const url = `rtmp://127.0.0.1:${ports.rtmp}/live/${key}`;
  const text = await canDrawText("ffmpeg");
  const child = spawn("ffmpeg", testCardArguments({ url, text }), { stdio: "ignore" });
  return { stop: () => void child.kill() };
}

/**
 * Takes a rung as a relay does: one held playlist request at a time, then the new segment. Returns
 * how many segments it got.
 */
async function takeRung(ports: Ports, rung: string, signal: AbortSignal): Promise<number> {
  const base = `http://127.0.0.1:${ports.tier}/live/main/${rung}`;
  let segmentCount = 0;
  let lastMsn = 0;
  while (!signal.aborted) {
    const query = lastMsn === 0 ? "" : `?_HLS_msn=${lastMsn + 1}`;
    const text = await textOf(`${base}/index.m3u8${query}`, signal);
    const tail = text === undefined ? undefined : readTail(text, lastMsn);
    const segment = tail?.segments.at(-1);
    if (segment === undefined) {
      // Nothing is published yet, or the hold ran out.
      await delay(200);
      continue;
    }
    lastMsn = segment.msn;
    if ((await textOf(`${base}/${segment.uri}`, signal)) !== undefined) segmentCount += 1;
  }
  return segmentCount;
}

async function textOf(url: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal });
    const text = await response.text();
    return response.ok ? text : undefined;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

async function sampleRound(pid: number): Promise<Sample[]> {
  const samples = [sampleOf(pid)];
  while (samples.at(-1)!.atMs - samples[0]!.atMs < roundSec * 1000) {
    await delay(1_000);
    samples.push(sampleOf(pid));
  }
  return samples;
}

function sampleOf(pid: number): Sample {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  const encoderCpuSec = children
    .split(" ")
    .filter((child) => child !== "")
    .reduce((sum, child) => sum + cpuSecOf(Number(child)), 0);
  return {
    atMs: performance.now(),
    ownCpuSec: cpuSecOf(pid) - encoderCpuSec,
    encoderCpuSec,
    rssMB: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024,
  };
}

/** Shares of one core over the round, and its memory. */
function figuresOf(samples: readonly Sample[]): Record<string, number> {
  const [first, last] = [samples[0]!, samples.at(-1)!];
  const percentOf = (usedSec: number): number => (usedSec * 100_000) / (last.atMs - first.atMs);
  return {
    ownCpuPercent: percentOf(last.ownCpuSec - first.ownCpuSec),
    encoderCpuPercent: percentOf(last.encoderCpuSec - first.encoderCpuSec),
    rssMB: median(samples.map((sample) => sample.rssMB)),
  };
}

function resultOf(rounds: readonly Sample[][], segmentsPerSec: number): BenchResult {
  const figures = rounds.map(figuresOf);
  const values = Object.fromEntries(
    Object.keys(figures[0]!).map((name) => [
      name,
      median(figures.map((round) => round[name] ?? Number.NaN)),
    ]),
  );
  const growth = figures.at(-1)!["rssMB"]! / figures[0]!["rssMB"]!;
  return {
    results: [
      {
        task: "2008 ladder, one publisher, one relay",
        contender: "origin",
        values: { ...values, segmentsPerSec },
      },
    ],
    ratios: { "memory: last round / first": growth },
    targets: [
      { name: "own CPU, percent of a core", value: values["ownCpuPercent"]!, max: 5 },
      { name: "memory growth", value: growth, max: 1.1 },
      // A relay that gets less than the segments made (one in 4.267 s) proves nothing.
      { name: "segments a second of each rung", value: segmentsPerSec, min: 0.2 },
    ],
  };
}
