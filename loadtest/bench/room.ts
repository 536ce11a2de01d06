/**
 * Ten thousand idle viewers in the room of an edge: what each costs in memory, how long it takes until
 * all have been told something, and what that costs. Beside it, the same sockets at a bare server on
 * the library `ws` and at one on the edge's own engine, which know nothing of a viewer. Each is a new
 * process every round, alone on a core. In the first round all of the edge's come to cells at last.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "../../src/base/errors.ts";
import { startScriptedOrigin, type ScriptedOrigin } from "../peers/scripted-origin.ts";
import { openFilesMax } from "../wire/process-usage.ts";
import {
  median,
  mediansOf,
  type BenchOptions,
  type BenchResult,
  type BenchRow,
} from "./harness/bench-result.ts";
import { buildProgram } from "./harness/built-program.ts";
import { requireTools } from "./harness/processes.ts";
import { bareRoom, edgeRoom, type Contender } from "./room/contenders.ts";
import { startCrowd, type Crowd } from "./room/crowd-process.ts";
import { momentOf, usedBetween, type Moment } from "./room/moment.ts";

const socketCountDefault = 10_000;
/** Files that a process has open beside its sockets. */
const otherFileCount = 500;
const rungKbps = 300;
const segmentDurationMs = 1_000;
/** Join and leave first, so that what a program compiles and keeps for the first is not the others'. */
const warmUpCount = 300;
const settleMs = 1_000;
const statusCount = 10;
const announcementCount = 4;
const enterMsMax = 60_000;
/** Of the machine while the sockets are idle: then others are at work. */
const busyRatioMax = 0.3;

export async function run({ rounds, viewerCount, say }: BenchOptions): Promise<BenchResult> {
  requireTools([{ program: "taskset", debianPackage: "util-linux" }]);
  const socketCount = viewerCount ?? socketCountDefault;
  if (openFilesMax() < socketCount + otherFileCount) {
    const wanted = socketCount + otherFileCount;
    throw new AppError("LIMIT_TOO_LOW", `this benchmark opens more files: ulimit -n ${wanted}`);
  }
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-bench-room-"));
  const origin = await startScriptedOrigin({
    feed: "main",
    rungs: [{ kbps: rungKbps, width: 480, height: 270 }],
    segmentDurationMs,
    p2p: "on",
  });
  try {
    const built = buildProgram(say);
    const edge = edgeRoom({ built, folder, origin, socketCount });
    const rows: BenchRow[] = [];
    for (let round = 1; round <= rounds; round++) {
      for (const start of [edge, bareRoom("ws"), bareRoom("uws")]) {
        const withCells = round === 1 && start === edge;
        for (const row of await measure(await start(), { socketCount, origin, withCells, say })) {
          rows.push(row);
          say(`round ${round}: ${row.task} ${row.contender}: ${JSON.stringify(row.values)}`);
        }
      }
    }
    return resultOf(rows);
  } finally {
    await origin.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Run {
  contender: Contender;
  crowd: Crowd;
  origin: ScriptedOrigin;
  socketCount: number;
  moment: () => Moment;
}

async function measure(
  contender: Contender,
  options: {
    socketCount: number;
    origin: ScriptedOrigin;
    withCells: boolean;
    say: (line: string) => void;
  },
): Promise<BenchRow[]> {
  const { socketCount, origin, withCells, say } = options;
  const crowd = await startCrowd();
  const moment = (): Moment => momentOf(contender.program.pid);
  const run: Run = { contender, crowd, origin, socketCount, moment };
  try {
    const { port, path, name } = contender;
    await crowd.join({ port, path, count: warmUpCount });
    await toldMs(run);
    await crowd.leave();
    await delay(settleMs);
    const empty = moment();
    const { values, isDisturbed } = await measureIdle(run, empty);
    if (isDisturbed) say("The machine had other things to do: times here may be their doing.");
    const rows: BenchRow[] = [{ task: `${socketCount} idle`, contender: name, values }];
    if (withCells) {
      const inCells = await measureCells(run, empty);
      rows.push({ task: `${socketCount} in cells`, contender: name, values: inCells });
    }
    await crowd.readAll(1 + statusCount);
    return rows;
  } finally {
    await crowd.stop();
    await contender.program.stop();
  }
}

async function measureIdle(run: Run, empty: Moment) {
  const { contender, crowd, socketCount, moment } = run;
  await crowd.join({ port: contender.port, path: contender.path, count: socketCount });
  const joined = moment();
  await delay(settleMs);
  const idle = moment();
  await crowd.forget();
  const told: number[] = [];
  for (let n = 0; n < statusCount; n++) told.push(...(await toldMs(run)));
  const after = moment();
  const [joining, idling] = [usedBetween(empty, joined), usedBetween(joined, idle)];
  const values = {
    // Whichever is more: what is sent may leave something behind.
    bytesPerSocket:
      Math.max(idle.rssBytes, after.rssBytes) / socketCount - empty.rssBytes / socketCount,
    kernelBytesBothEnds: usedBetween(empty, idle).slabBytes / socketCount,
    joinsPerSec: socketCount / joining.sec,
    cpuUsPerJoin: (1e6 * joining.cpuSec) / socketCount,
    idleCpuRatio: idling.cpuSec / idling.sec,
    cpuMsPerMessage: (1e3 * usedBetween(idle, after).cpuSec) / statusCount,
    ...quantilesOf(told),
  };
  return { values, isDisturbed: idling.machineBusyRatio > busyRatioMax };
}

/** How long after a status changed each of the sample knew it. */
async function toldMs({ contender, crowd }: Run): Promise<number[]> {
  const startUnixMs = unixMs();
  const times = await crowd.arrivals(await contender.tell());
  return times.map((atUnixMs) => atUnixMs - startUnixMs);
}

/** All share the rung: each segment is announced to every cell. */
async function measureCells(run: Run, empty: Moment) {
  const { contender, crowd, origin, socketCount, moment } = run;
  const before = moment();
  await crowd.say(JSON.stringify({ kind: "watch", rung: rungKbps, share: "both" }));
  await untilInCells(run);
  const entered = moment();
  origin.setState("live");
  // Somebody has to watch, or the edge follows nothing.
  await fetch(`http://127.0.0.1:${contender.port}/live/main/${rungKbps}/index.m3u8`);
  await delay(2 * segmentDurationMs);
  const start = moment();
  const told: number[] = [];
  for (let n = 0; n < announcementCount; n++) {
    const listedUnixMs = origin.nextListedUnixMs();
    await crowd.forget();
    const times = await crowd.arrivals('"kind":"segment"');
    told.push(...times.map((atUnixMs) => atUnixMs - listedUnixMs));
  }
  return {
    bytesPerSocket: usedBetween(empty, start).rssBytes / socketCount,
    joinsPerSec: socketCount / usedBetween(before, entered).sec,
    cpuUsPerJoin: (1e6 * usedBetween(before, entered).cpuSec) / socketCount,
    cpuMsPerMessage: (1e3 * usedBetween(start, moment()).cpuSec) / announcementCount,
    ...quantilesOf(told),
  };
}

async function untilInCells({ contender, socketCount }: Run): Promise<void> {
  const deadlineMs = performance.now() + enterMsMax;
  while ((await contender.cellMemberCount!()) < socketCount) {
    if (performance.now() > deadlineMs) throw new Error("not all came to cells");
    await delay(100);
  }
}

function quantilesOf(delaysMs: number[]) {
  const sorted = delaysMs.sort((one, other) => one - other);
  const at = (ratio: number): number => sorted[Math.floor(ratio * sorted.length)] ?? Number.NaN;
  return { toldMsP50: at(0.5), toldMsP99: at(0.99) };
}

function unixMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Ratios are of one round each, and their medians are given. */
function resultOf(rows: readonly BenchRow[]): BenchResult {
  const results = mediansOf(rows);
  const idle = rows.filter(({ task }) => task.endsWith("idle"));
  const each = (contender: string, key: string): number[] =>
    idle.filter((row) => row.contender === contender).map(({ values }) => values[key]!);
  const ratio = (key: string, peer: string): number => {
    const peers = each(peer, key);
    return median(each("edge", key).map((value, round) => value / peers[round]!));
  };
  return {
    results,
    ratios: {
      "bytes a socket: edge / ws": ratio("bytesPerSocket", "ws"),
      "bytes a socket: edge / bare engine": ratio("bytesPerSocket", "uws"),
      "CPU a join: edge / ws": ratio("cpuUsPerJoin", "ws"),
      "CPU a status: edge / ws": ratio("cpuMsPerMessage", "ws"),
      "CPU a status: edge / bare engine": ratio("cpuMsPerMessage", "uws"),
      "all told (p99): edge / ws": ratio("toldMsP99", "ws"),
    },
    targets: [
      { name: "bytes an idle socket", value: median(each("edge", "bytesPerSocket")), max: 10_000 },
    ],
  };
}
