/** The rooms that bench/room.ts measures, each a program on a core of its own. */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { FeedStatus } from "../../../src/hls/status.ts";
import type { ScriptedOrigin } from "../../peers/scripted-origin.ts";
import { startEdgeProgram } from "../harness/edge-program.ts";
import { startOnCore, type Started } from "../harness/processes.ts";

export interface Contender {
  name: string;
  program: Started;
  port: number;
  path: string;
  /** Has all be told a status of another state; returns what stands in that message alone. */
  tell(): Promise<string>;
  /** Viewers in cells now; of those who have any. */
  cellMemberCount?(): Promise<number>;
}

export type StartContender = () => Promise<Contender>;

const serverCore = 0;
const path = "/live/main/room";

/** Room for any number of viewers, and no pause between those who come to cells. */
function settingsFor(socketCount: number): Record<string, string> {
  return {
    "room.socketCountMax": String(socketCount + 1_000),
    "room.joinsPerSecMax": String(socketCount),
    "swarm.mode": "on",
  };
}

/** The built edge below the origin; a status comes to it as to every edge. */
export function edgeRoom(options: {
  built: string;
  folder: string;
  origin: ScriptedOrigin;
  socketCount: number;
}): StartContender {
  const { built, folder, origin, socketCount } = options;
  return async () => {
    const { program, url, adminUrl } = await startEdgeProgram({
      core: serverCore,
      folder: mkdtempSync(join(folder, "edge-")),
      parentUrl: origin.url,
      settings: settingsFor(socketCount),
      built,
      say: () => undefined,
    });
    origin.setState("live");
    let state: "live" | "waiting" = "live";
    const tell = (): Promise<string> => {
      state = state === "live" ? "waiting" : "live";
      origin.setState(state);
      return Promise.resolve(`"state":"${state}"`);
    };
    const cellMemberCount = async (): Promise<number> => {
      const text = await (await fetch(`${adminUrl}/metrics`)).text();
      return Number(/^live_swarm_members\{.*\} (\d+)$/m.exec(text)?.[1]);
    };
    const port = Number(new URL(url).port);
    return { name: "edge", program, port, path, tell, cellMemberCount };
  };
}

/** A bare server of the same messages; a status is posted to it. */
export function bareRoom(name: "ws" | "uws"): StartContender {
  return async () => {
    const file = join(import.meta.dirname, `bare-${name}.mjs`);
    const welcome = JSON.stringify({ kind: "welcome", id: "x".repeat(22), status: statusOf(0) });
    const program = startOnCore(serverCore, process.execPath, [file, welcome]);
    const port = await printedPort(program);
    let count = 0;
    const tell = async (): Promise<string> => {
      const status = statusOf((count += 1));
      const body = JSON.stringify({ kind: "status", status });
      await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body });
      return `"version":${status.version},`;
    };
    return { name, program, port, path, tell };
  };
}

/** As long as a real one. */
function statusOf(count: number): FeedStatus {
  return {
    version: 1_795_000_000_000 + count,
    state: "live",
    sinceUnixMs: 1_795_000_000_000,
    lastSegmentUnixMs: 1_795_000_000_000,
    nowUnixMs: 1_795_000_000_000,
    viewers: 10_000,
    p2p: "off",
    ladderVersion: 1,
  };
}

/** The port that a program says on its output. */
export async function printedPort(program: Started): Promise<number> {
  const deadlineMs = performance.now() + 10_000;
  while (!program.output().endsWith("\n")) {
    if (performance.now() > deadlineMs) throw new Error(`no port:\n${program.output()}`);
    await delay(20);
  }
  return Number(program.output());
}
