/**
 * What a real viewer costs: 10,000 players in one k6 at two edges below a shield, beside as many bare
 * scripts (harness/bare-viewer.mjs) at nginx, who get a segment of the same size as often. Everything
 * is on this machine, over loopback and without emulated lines, at a cap of 300 kbps. Figures are over
 * the minute in which everybody watches.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../../src/base/errors.ts";
import { resolveScenario } from "../../src/config/resolve-scenario.ts";
import type { Scenario } from "../../src/config/schema-scenario.ts";
import { readTail } from "../../src/hls/read-tail.ts";
import { k6Entry } from "../k6/k6-entry.ts";
import { prepareNginx } from "../peers/web-servers.ts";
import { requireCapacity } from "../wire/capacity-check.ts";
import { coresBetween } from "../wire/cpu-cores.ts";
import { freePort } from "../wire/free-port.ts";
import { findOrBuildK6 } from "../k6/find-or-build-k6.ts";
import { generatorName, steadySamples, type MeasuredRun } from "../wire/measured-run.ts";
import { startTarget, type RunTarget } from "../wire/run-target.ts";
import { runWire } from "../wire/run-wire.ts";
import type { WireSetup } from "../wire/wire-setup.ts";
import {
  mediansOf,
  type BenchOptions,
  type BenchResult,
  type BenchRow,
} from "./harness/bench-result.ts";
import { requireTools, startProgram, waitForAnswer } from "./harness/processes.ts";

const viewerCountDefault = 10_000;
const arrivalSec = 30;
/** Ten seconds for the last to settle, a minute of plateau, and the second that is left out. */
const durationSec = arrivalSec + 10 + 60 + 1;
const capKbps = 300;
/** What the rung of 300 kbps is at least, of the test card; the one below is half of it. */
const kbpsMin = 200;
const playlistPath = `/live/main/${capKbps}/index.m3u8`;
const task = "watching at 300 kbps";

interface Contender {
  name: string;
  script: string;
  variables: Record<string, string>;
  target: RunTarget;
}

/** Runs both, alternating, and compares their medians. */
export async function run(options: BenchOptions): Promise<BenchResult> {
  const { rounds, say, viewerCount = viewerCountDefault } = options;
  requireTools([{ program: "nginx", debianPackage: "nginx-light" }]);
  const scenario = scenarioOf(viewerCount);
  requireCapacity(scenario);
  const k6 = await findOrBuildK6(say);
  // tmpfs where there is one: nginx is to send from memory.
  const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  const folder = mkdtempSync(join(memory, "fullhouse-bench-wire-"));
  const open: { stop(): Promise<void> }[] = [];
  try {
    const target = await startTarget(scenario, { say });
    open.push(target);
    const script = await k6Entry("wire", { folder });
    const ours = { name: "players", script, variables: {}, target };
    const rows: BenchRow[] = [];
    const measure = async (contender: Contender, round: number): Promise<void> => {
      const setup = setupOf(viewerCount);
      const values = figuresOf(await runWire({ k6, scenario, setup, ...contender }));
      rows.push({ task, contender: contender.name, values });
      say(`round ${round} of ${rounds}, ${contender.name}: ${JSON.stringify(values)}`);
    };
    await measure(ours, 1);
    // Now the window that its segment is taken from is full.
    const bare = await startBare(folder, target);
    open.push(bare.target);
    await measure(bare, 1);
    for (let round = 2; round <= rounds; round++) {
      await measure(ours, round);
      await measure(bare, round);
    }
    return resultOf(rows, viewerCount);
  } finally {
    for (const part of open.reverse()) await part.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** People stay, so that the plateau is one; everything else is as in any load test. */
function scenarioOf(viewerCount: number): Scenario {
  const values = {
    name: "bench-wire",
    ladder: { capKbps },
    wire: { viewerCount, validationCounts: [], linkClassCount: 0, edges: 2 },
    audience: { churnPerMinRatio: 0, startLeavePerSecRatio: 0 },
  };
  const result = resolveScenario([{ source: "bench", values }]);
  if (!result.ok) throw new AppError("CONFIG_INVALID", JSON.stringify(result.problems));
  return result.scenario;
}

function setupOf(viewerCount: number): WireSetup {
  return {
    viewerCount,
    edgeCount: 2,
    durationSec,
    arrivals: [
      { atSec: 0, ratio: 0 },
      { atSec: arrivalSec, ratio: 1 },
    ],
    links: [],
    rttMs: 0,
    sharedEdgeKbps: null,
  };
}

/** nginx with the edge's playlist and a segment of middling size, and bare viewers of it. */
async function startBare(folder: string, { edgeUrls }: RunTarget): Promise<Contender> {
  const url = `${edgeUrls[0]!}${playlistPath}`;
  const text = await (await fetch(url)).text();
  const { segments } = readTail(text, -1)!;
  const bodies = await Promise.all(
    segments.map(async ({ uri }) => {
      const response = await fetch(new URL(uri, url));
      return new Uint8Array(await response.arrayBuffer());
    }),
  );
  const segment = bodies.sort((a, b) => a.length - b.length)[bodies.length >> 1]!;
  const last = new URL(segments.at(-1)!.uri, url).pathname;
  const port = await freePort();
  const headers = { "Cache-Control": "no-cache" };
  const arguments_ = prepareNginx({
    folder: join(folder, "nginx"),
    port,
    objects: [
      { path: playlistPath, body: Buffer.from(text), contentType: "text/plain", headers },
      { path: last, body: segment, contentType: "video/iso.segment", headers },
    ],
  });
  const program = startProgram("nginx", arguments_);
  const base = `http://127.0.0.1:${port}`;
  await waitForAnswer(`${base}${last}`, program);
  return {
    name: "bare scripts",
    script: join(import.meta.dirname, "harness/bare-viewer.mjs"),
    variables: { PLAYLIST: playlistPath, EVERY_MS: String(segments.at(-1)!.durationMs) },
    target: {
      feed: "main",
      edgeUrls: [base],
      nodes: [],
      processes: [{ name: "nginx", pid: program.pid }],
      isOwn: true,
      idleBytes: new Map(),
      stop: () => program.stop(),
    },
  };
}

function figuresOf(run: MeasuredRun): Record<string, number> {
  const { figures, setup, processes } = run;
  const samples = steadySamples(run);
  const [first, last] = [samples[0]!, samples.at(-1)!];
  const coresOf = (name: string): number => coresBetween(first, last, name) ?? Number.NaN;
  const servers = processes.filter((name) => /^(edge-|nginx)/.test(name));
  const rssBytes = Math.max(...samples.map((sample) => sample.rssBytes.get(generatorName) ?? 0));
  return {
    failed: Math.round(figures.rate("http_req_failed") * figures.count("http_reqs")),
    stalls: figures.count("viewer_stalls"),
    gbps: gbpsOf(run),
    requestsPerSec: (figures.count("http_reqs") / watchedSec(setup)) * setup.viewerCount,
    generatorCores: coresOf(generatorName),
    serverCores: servers.reduce((sum, name) => sum + coresOf(name), 0),
    megabytesPerViewer: rssBytes / 1e6 / setup.viewerCount,
    lagMsP99: 1_000 * (figures.trend("viewer_schedule_lag_seconds", "p(99)") ?? Number.NaN),
  };
}

/** What left the edges while all watched; of nginx, which does not say, what viewers got. */
function gbpsOf(run: MeasuredRun): number {
  const samples = steadySamples(run);
  const [first, last] = [samples[0]!, samples.at(-1)!];
  const edges = run.nodes.filter(({ tier }) => tier === "edge");
  const { setup, figures } = run;
  if (edges.length === 0) {
    return (figures.count("data_received") * setup.viewerCount * 8) / watchedSec(setup) / 1e9;
  }
  const bytes = edges.reduce((sum, { name }) => {
    const [from, to] = [first.nodes.get(name), last.nodes.get(name)];
    return sum + (to?.egressBytes ?? Number.NaN) - (from?.egressBytes ?? Number.NaN);
  }, 0);
  return (8 * bytes * 1_000) / (last.atMs - first.atMs) / 1e9;
}

/** Of all viewers together: they arrive evenly. */
function watchedSec({ viewerCount }: WireSetup): number {
  return viewerCount * (durationSec - arrivalSec / 2);
}

function resultOf(rows: readonly BenchRow[], viewerCount: number): BenchResult {
  const results = mediansOf(rows);
  const [ours, bare] = results.map(({ values }) => values) as [
    BenchRow["values"],
    BenchRow["values"],
  ];
  const worst = (name: string): number =>
    Math.max(...rows.map(({ values }) => values[name] ?? Number.NaN));
  // By bytes, for neither is a whole segment at the turn of a minute.
  const ratio = ours["generatorCores"]! / ours["gbps"]! / (bare["generatorCores"]! / bare["gbps"]!);
  return {
    results,
    ratios: { "generator CPU a bit: players / bare scripts": ratio },
    targets: [
      { name: "failed requests, worst round", value: worst("failed"), max: 0 },
      { name: "stalls, worst round", value: worst("stalls"), max: 0 },
      { name: "Gbps from the edges", value: ours["gbps"]!, min: kbpsMin * viewerCount * 1e-6 },
      { name: "generator CPU a bit: players / bare scripts", value: ratio, max: 1.5 },
      { name: "MB a viewer", value: ours["megabytesPerViewer"]!, max: 0.5 },
    ],
  };
}
