/** The built edge on a core of its own, below a given parent. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildProgram } from "./built-program.ts";
import { startOnCore, waitForAnswer, type Started } from "./processes.ts";

export interface EdgeProgram {
  program: Started;
  /** Base URLs of its viewer port and its admin port. */
  url: string;
  adminUrl: string;
}

const rungPath = "/live/main/300";
const readyMsMax = 30_000;

/** Resolves when it serves the rung of 300 kbps of feed main. */
export async function startEdgeProgram(options: {
  core: number;
  /** For its state. */
  folder: string;
  parentUrl: string;
  say: (line: string) => void;
  /** What this benchmark configures otherwise. */
  settings?: Readonly<Record<string, string>>;
  /** The built program, for benchmarks that start it more than once; without it, it is built. */
  built?: string;
}): Promise<EdgeProgram> {
  const stateDir = join(options.folder, "edge");
  const settings = {
    parents: JSON.stringify([options.parentUrl]),
    "viewer.listen": "127.0.0.1:0",
    "node.name": "bench",
    "node.logLevel": "warn",
    stateDir,
    ...options.settings,
  };
  const program = startOnCore(options.core, process.execPath, [
    options.built ?? buildProgram(options.say),
    "edge",
    ...Object.entries(settings).flatMap(([key, value]) => ["--set", `${key}=${value}`]),
  ]);
  const { viewer, admin } = await portsOf(stateDir, program);
  const url = `http://127.0.0.1:${viewer}`;
  await waitForAnswer(`${url}${rungPath}/index.m3u8`, program);
  return { program, url, adminUrl: `http://127.0.0.1:${admin}` };
}

async function portsOf(
  stateDir: string,
  program: Started,
): Promise<{ viewer: number; admin: number }> {
  const file = join(stateDir, "ready.json");
  const deadlineMs = performance.now() + readyMsMax;
  while (!existsSync(file)) {
    if (performance.now() > deadlineMs) throw new Error(`no edge:\n${program.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { ready } = JSON.parse(readFileSync(file, "utf8")) as {
    ready: { viewer: number; admin: number };
  };
  return ready;
}
