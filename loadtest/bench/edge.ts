/**
 * The edge against nginx and Varnish: a playlist of about 1 kB and a segment of 160 kB, each server
 * alone on one core and wrk on another, over loopback. The edge is the real program below a
 * scripted parent, so its objects come by fills and its playlist stays live; nginx sends the same
 * bytes with the same headers from tmpfs by sendfile; Varnish has them cached.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startScriptedOrigin } from "../peers/scripted-origin.ts";
import { prepareNginx, prepareVarnish, type PeerObject } from "../peers/web-servers.ts";
import {
  mediansOf,
  type BenchOptions,
  type BenchResult,
  type BenchRow,
} from "./harness/bench-result.ts";
import { buildProgram } from "./harness/built-program.ts";
import {
  cpuSecOf,
  freePort,
  requireTools,
  startOnCore,
  waitForAnswer,
  type Started,
} from "./harness/processes.ts";
import { runWrk } from "./harness/wrk.ts";

const serverCore = 0;
const clientCore = 1;
const connectionCount = 200;
const durationSec = 5;
const warmUpSec = 1;
const busyRatioMin = 0.9;
const segmentBytes = 160_000;
const rungPath = "/live/main/300";

interface Closable {
  stop(): Promise<void>;
}

interface Contender {
  name: string;
  url: string;
  program: Started;
}

interface Task {
  name: string;
  path: string;
}

/** Runs all contenders on both tasks, alternating, and compares their medians. */
export async function run({ rounds, say }: BenchOptions): Promise<BenchResult> {
  requireTools([
    { program: "nginx", debianPackage: "nginx-light" },
    { program: "varnishd", debianPackage: "varnish" },
    { program: "wrk", debianPackage: "wrk" },
    { program: "taskset", debianPackage: "util-linux" },
  ]);
  // tmpfs where there is one: nginx is to send from memory.
  const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  const folder = mkdtempSync(join(memory, "fullhouse-bench-edge-"));
  const open: Closable[] = [];
  try {
    const parent = await startScriptedOrigin({
      feed: "main",
      rungs: [{ kbps: 300, width: 480, height: 270 }],
      segmentDurationMs: 4_267,
      segmentBytes,
    });
    open.push({ stop: () => parent.close() });
    const edge = await startEdge({ folder, parentUrl: parent.url, say, open });
    const tasks = await tasksAt(edge.url);
    const objects = await Promise.all(tasks.map(({ path }) => objectAt(edge.url, path)));
    const peers = await startPeers({ folder, objects, open });
    const results = mediansOf(await measureAll([edge, ...peers], tasks, { rounds, say }));
    warnOfIdleServers(results, say);
    return resultOf(results);
  } finally {
    for (const part of open.reverse()) await part.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startEdge(options: {
  folder: string;
  parentUrl: string;
  say: (line: string) => void;
  open: Closable[];
}): Promise<Contender> {
  const stateDir = join(options.folder, "edge");
  const settings = {
    parents: JSON.stringify([options.parentUrl]),
    "viewer.listen": "127.0.0.1:0",
    "node.name": "bench",
    "node.logLevel": "warn",
    stateDir,
  };
  const program = startOnCore(serverCore, process.execPath, [
    buildProgram(options.say),
    "edge",
    ...Object.entries(settings).flatMap(([key, value]) => ["--set", `${key}=${value}`]),
  ]);
  options.open.push(program);
  const url = `http://127.0.0.1:${await viewerPortOf(stateDir, program)}`;
  await waitForAnswer(`${url}${rungPath}/index.m3u8`, program);
  return { name: "edge", url, program };
}

async function viewerPortOf(stateDir: string, program: Started): Promise<number> {
  const file = join(stateDir, "ready.json");
  const deadlineMs = performance.now() + 30_000;
  while (!existsSync(file)) {
    if (performance.now() > deadlineMs) throw new Error(`no edge:\n${program.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { ready } = JSON.parse(readFileSync(file, "utf8")) as { ready: { viewer: number } };
  return ready.viewer;
}

/** The newest listed segment stays fetchable for longer than any run lasts. */
async function tasksAt(url: string): Promise<Task[]> {
  const playlist = await (await fetch(`${url}${rungPath}/index.m3u8`)).text();
  const segment = playlist.trim().split("\n").at(-1)!;
  return [
    { name: "playlist 1 kB", path: `${rungPath}/index.m3u8` },
    { name: "segment 160 kB", path: `${rungPath}/${segment}` },
  ];
}

/** What the edge answers, for peers to answer the same. */
async function objectAt(url: string, path: string): Promise<PeerObject> {
  const response = await fetch(url + path, { headers: { "accept-encoding": "identity" } });
  const own = ["content-type", "content-length", "date", "connection", "keep-alive"];
  const headers = [...response.headers].filter(([name]) => !own.includes(name));
  return {
    path,
    body: new Uint8Array(await response.arrayBuffer()),
    contentType: response.headers.get("content-type") ?? "application/octet-stream",
    headers: Object.fromEntries(headers),
  };
}

async function startPeers(options: {
  folder: string;
  objects: readonly PeerObject[];
  open: Closable[];
}): Promise<Contender[]> {
  const { folder, objects, open } = options;
  const [nginxPort, varnishPort] = [await freePort(), await freePort()];
  const nginx = startOnCore(
    serverCore,
    "nginx",
    prepareNginx({ folder: join(folder, "nginx"), port: nginxPort, objects }),
  );
  open.push(nginx);
  const varnish = startOnCore(
    serverCore,
    "varnishd",
    prepareVarnish({
      folder: join(folder, "varnish"),
      port: varnishPort,
      backendPort: nginxPort,
    }),
  );
  open.push(varnish);
  const peers = [
    { name: "nginx", url: `http://127.0.0.1:${nginxPort}`, program: nginx },
    { name: "varnish", url: `http://127.0.0.1:${varnishPort}`, program: varnish },
  ];
  for (const { url, program } of peers) {
    for (const { path } of objects) await waitForAnswer(url + path, program);
  }
  return peers;
}

async function measureAll(
  contenders: readonly Contender[],
  tasks: readonly Task[],
  { rounds, say }: BenchOptions,
): Promise<BenchRow[]> {
  for (const contender of contenders) {
    for (const task of tasks) await measure(contender, task, warmUpSec);
  }
  const rows: BenchRow[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const task of tasks) {
      for (const contender of contenders) {
        const row = await measure(contender, task, durationSec);
        rows.push(row);
        const { requestsPerSec, cpuSecPerGB } = row.values;
        say(
          `round ${round}: ${task.name} ${contender.name}: ` +
            `${requestsPerSec?.toFixed(0)} requests/s, ${cpuSecPerGB?.toFixed(3)} CPU s/GB`,
        );
      }
    }
  }
  return rows;
}

async function measure(contender: Contender, task: Task, seconds: number): Promise<BenchRow> {
  const cpuBefore = cpuSecOf(contender.program.pid);
  const figures = await runWrk({
    url: contender.url + task.path,
    core: clientCore,
    connectionCount,
    durationSec: seconds,
  });
  const cpuSec = cpuSecOf(contender.program.pid) - cpuBefore;
  return {
    task: task.name,
    contender: contender.name,
    values: {
      requestsPerSec: figures.requestsPerSec,
      gbps: (figures.bytes * 8) / figures.durationSec / 1e9,
      cpuSecPerGB: cpuSec / (figures.bytes / 1e9),
      cpuUsPerRequest: (cpuSec * 1e6) / figures.requestCount,
      cpuBusyRatio: cpuSec / figures.durationSec,
      latencyP99Ms: figures.latencyP99Ms,
    },
  };
}

/** Requests/s are a server's own only while its core is busy; CPU figures hold either way. */
function warnOfIdleServers(results: readonly BenchRow[], say: (line: string) => void): void {
  for (const { task, contender, values } of results) {
    if (values["cpuBusyRatio"]! >= busyRatioMin) continue;
    const percent = Math.round(100 * values["cpuBusyRatio"]!);
    say(
      `${task}, ${contender}: its core was busy with it only ${percent} % of the time, so the ` +
        `requests/s are wrk's or another program's doing: repeat on a quiet machine`,
    );
  }
}

function resultOf(results: BenchRow[]): BenchResult {
  const value = (task: string, contender: string, key: string): number =>
    results.find((row) => row.task.startsWith(task) && row.contender === contender)?.values[key] ??
    Number.NaN;
  const ratio = (task: string, peer: string, key: string): number =>
    value(task, "edge", key) / value(task, peer, key);
  const ratios = {
    "playlist requests/s, edge / nginx": ratio("playlist", "nginx", "requestsPerSec"),
    "playlist requests/s, edge / varnish": ratio("playlist", "varnish", "requestsPerSec"),
    "playlist CPU per request, edge / nginx": ratio("playlist", "nginx", "cpuUsPerRequest"),
    "segment requests/s, edge / nginx": ratio("segment", "nginx", "requestsPerSec"),
    "segment requests/s, edge / varnish": ratio("segment", "varnish", "requestsPerSec"),
    "segment CPU per GB, edge / nginx": ratio("segment", "nginx", "cpuSecPerGB"),
    "segment CPU per GB, edge / varnish": ratio("segment", "varnish", "cpuSecPerGB"),
  };
  const target = (name: keyof typeof ratios, min: number) => ({ name, value: ratios[name], min });
  return {
    results,
    ratios,
    targets: [
      target("playlist requests/s, edge / nginx", 1.2),
      target("segment requests/s, edge / varnish", 1),
    ],
  };
}
