/**
 * The edge against nginx and Varnish: a playlist of about 1 kB and a segment of 160 kB, each server
 * alone on one core and wrk on another, over loopback. The edge is the real program below a
 * scripted parent, so its objects come by fills and its playlist stays live; nginx sends the same
 * bytes with the same headers from tmpfs by sendfile; Varnish has them cached.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
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
import { startEdgeProgram } from "./harness/edge-program.ts";
import { requireTools, startOnCore, waitForAnswer, type Started } from "./harness/processes.ts";
import { freePort } from "../wire/free-port.ts";
import { cpuSecOf } from "../wire/process-usage.ts";
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
  program: Started;
  /** Where it has the object of a task now. */
  urlOf(task: TaskName): Promise<string>;
}

const taskNames = ["playlist 1 kB", "segment 160 kB"] as const;
type TaskName = (typeof taskNames)[number];

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
    const objects = new Map<TaskName, PeerObject>();
    for (const task of taskNames) objects.set(task, await objectAt(await edge.urlOf(task)));
    const peers = await startPeers({ folder, objects, open });
    const results = mediansOf(await measureAll([edge, ...peers], { rounds, say }));
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
  const { program, url } = await startEdgeProgram({ ...options, core: serverCore });
  options.open.push(program);
  const playlistUrl = `${url}${rungPath}/index.m3u8`;
  // The newest segment each time: older ones leave the window while the benchmark runs.
  const segmentUrl = async () => {
    const playlist = await (await fetch(playlistUrl)).text();
    return `${url}${rungPath}/${playlist.trim().split("\n").at(-1) ?? ""}`;
  };
  const urlOf = (task: TaskName) =>
    task === "playlist 1 kB" ? Promise.resolve(playlistUrl) : segmentUrl();
  return { name: "edge", program, urlOf };
}

/** What the edge answers, for peers to answer the same. */
async function objectAt(url: string): Promise<PeerObject> {
  const response = await fetch(url, { headers: { "accept-encoding": "identity" } });
  const own = ["content-type", "content-length", "date", "connection", "keep-alive"];
  const headers = [...response.headers].filter(([name]) => !own.includes(name));
  return {
    path: new URL(url).pathname,
    body: new Uint8Array(await response.arrayBuffer()),
    contentType: response.headers.get("content-type") ?? "application/octet-stream",
    headers: Object.fromEntries(headers),
  };
}

async function startPeers(options: {
  folder: string;
  objects: ReadonlyMap<TaskName, PeerObject>;
  open: Closable[];
}): Promise<Contender[]> {
  const { folder, open } = options;
  const objects = [...options.objects.values()];
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
  const peer = (name: string, port: number, program: Started): Contender => ({
    name,
    program,
    urlOf: (task) => Promise.resolve(`http://127.0.0.1:${port}${options.objects.get(task)!.path}`),
  });
  const peers = [peer("nginx", nginxPort, nginx), peer("varnish", varnishPort, varnish)];
  for (const started of peers) {
    for (const task of taskNames) {
      await waitForAnswer(await started.urlOf(task), started.program);
    }
  }
  return peers;
}

async function measureAll(
  contenders: readonly Contender[],
  { rounds, say }: BenchOptions,
): Promise<BenchRow[]> {
  for (const contender of contenders) {
    for (const task of taskNames) await measure(contender, task, warmUpSec);
  }
  const rows: BenchRow[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const task of taskNames) {
      for (const contender of contenders) {
        const row = await measure(contender, task, durationSec);
        rows.push(row);
        const { requestsPerSec, cpuSecPerGB } = row.values;
        say(
          `round ${round}: ${task} ${contender.name}: ` +
            `${requestsPerSec?.toFixed(0)} requests/s, ${cpuSecPerGB?.toFixed(3)} CPU s/GB`,
        );
      }
    }
  }
  return rows;
}

async function measure(contender: Contender, task: TaskName, seconds: number): Promise<BenchRow> {
  const url = await contender.urlOf(task);
  const cpuBefore = cpuSecOf(contender.program.pid);
  const figures = await runWrk({
    url,
    core: clientCore,
    connectionCount,
    durationSec: seconds,
  });
  const cpuSec = cpuSecOf(contender.program.pid) - cpuBefore;
  return {
    task,
    contender: contender.name,
    values: {
      requestsPerSec: figures.requestsPerSec,
      requestsPerCpuSec: figures.requestCount / cpuSec,
      gbps: (figures.bytes * 8) / figures.durationSec / 1e9,
      cpuSecPerGB: cpuSec / (figures.bytes / 1e9),
      cpuBusyRatio: cpuSec / figures.durationSec,
      latencyP99Ms: figures.latencyP99Ms,
    },
  };
}

/** Requests/s are a server's own only while its core is busy with it. */
function warnOfIdleServers(results: readonly BenchRow[], say: (line: string) => void): void {
  const idle = results.filter(({ values }) => values["cpuBusyRatio"]! < busyRatioMin);
  if (idle.length === 0) return;
  const names = idle.map(({ task, contender, values }) => {
    return `${contender} ${Math.round(100 * values["cpuBusyRatio"]!)} % (${task})`;
  });
  say(`Their core was not busy with them: ${names.join(", ")}.`);
  say("There requests/s are wrk's or another program's doing; figures per CPU second hold.");
}

function resultOf(results: BenchRow[]): BenchResult {
  const value = (task: string, contender: string, key: string): number =>
    results.find((row) => row.task.startsWith(task) && row.contender === contender)?.values[key] ??
    Number.NaN;
  const ratio = (task: string, peer: string, key: string): number =>
    value(task, "edge", key) / value(task, peer, key);
  const ratios = {
    "playlist requests per CPU s, edge / nginx": ratio("playlist", "nginx", "requestsPerCpuSec"),
    "playlist requests per CPU s, edge / varnish": ratio(
      "playlist",
      "varnish",
      "requestsPerCpuSec",
    ),
    "segment requests per CPU s, edge / nginx": ratio("segment", "nginx", "requestsPerCpuSec"),
    "segment requests per CPU s, edge / varnish": ratio("segment", "varnish", "requestsPerCpuSec"),
    "playlist requests/s, edge / nginx": ratio("playlist", "nginx", "requestsPerSec"),
    "playlist requests/s, edge / varnish": ratio("playlist", "varnish", "requestsPerSec"),
    "segment requests/s, edge / nginx": ratio("segment", "nginx", "requestsPerSec"),
    "segment requests/s, edge / varnish": ratio("segment", "varnish", "requestsPerSec"),
  };
  const target = (name: keyof typeof ratios, min: number) => ({ name, value: ratios[name], min });
  return {
    results,
    ratios,
    // Per CPU second, which is what a core serves when busy: wrk may be the slower side.
    targets: [
      target("playlist requests per CPU s, edge / nginx", 1.2),
      target("segment requests per CPU s, edge / varnish", 1),
    ],
  };
}
