/**
 * A whole broadcast for tests and load tests: `fullhouse start` on free ports in a state folder of
 * its own. Ports come from the ready.json files the programs write, keys from the state folder.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../../src/base/errors.ts";
import { packageRoot } from "../../src/node/package-root.ts";

export type EdgeName = `edge-${number}`;
export type NodeName = "origin" | "shield" | EdgeName;
type PortName = "rtmp" | "tier" | "viewer" | "admin";

export interface Stack {
  stateDir: string;
  /** Every node, parents first. */
  nodes: readonly NodeName[];
  /** The port a node reported; waits for its (re)start when it has not yet. */
  port(node: NodeName, port: PortName): Promise<number>;
  /** Base URL of an edge's viewer port. */
  edgeUrl(edge: EdgeName): Promise<string>;
  /** Where a publisher sends: rtmp://…/live/{key}. */
  publishUrl(key?: string): Promise<string>;
  metrics(node: NodeName): Promise<string>;
  /** Process id of a node's program. */
  pidOf(node: NodeName): number;
  output(): string;
  stop(): Promise<number | null>;
}

/** Longest that a node takes to say where it listens. */
const readyMsMax = 60_000;

/**
 * Starts it with further options of `fullhouse start`; configuration files and variables of the
 * caller's surroundings do not count. Throws an AppError when it does not come up, and what `signal`
 * is aborted with when that comes first; either way nothing of it is left.
 */
export async function startStack(
  args: readonly string[],
  { edgeCount = 2, signal }: { edgeCount?: number; signal?: AbortSignal | undefined } = {},
): Promise<Stack> {
  signal?.throwIfAborted();
  const stateDir = mkdtempSync(join(tmpdir(), "fullhouse-stack-"));
  const own = ["--port-base", "0", "--state", stateDir, "--edges", String(edgeCount)];
  const child = spawn(
    process.execPath,
    [join(packageRoot(), "bin/fullhouse.mjs"), "start", ...own, ...args],
    { cwd: stateDir, stdio: ["ignore", "pipe", "pipe"], env: ownEnvironment() },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-200_000);
    });
  }
  const end = (): void => void child.kill("SIGINT");
  process.once("exit", end);
  const port = async (node: NodeName, name: PortName): Promise<number> => {
    const ready = await readyOf(child, { stateDir, node, signal, output: () => output });
    const value = ready[name];
    if (value === undefined) throw new Error(`${node} reports no ${name} port`);
    return value;
  };
  const edges = Array.from({ length: edgeCount }, (_, n): EdgeName => `edge-${n + 1}`);
  const stack: Stack = {
    stateDir,
    nodes: ["origin", "shield", ...edges],
    port,
    edgeUrl: async (edge) => `http://127.0.0.1:${await port(edge, "viewer")}`,
    publishUrl: async (
      key = readFileSync(join(stateDir, "origin/stream-key-main"), "utf8").trim(),
    ) => `rtmp://127.0.0.1:${await port("origin", "rtmp")}/live/${key}`,
    metrics: async (node) => {
      const answer = await fetch(`http://127.0.0.1:${await port(node, "admin")}/metrics`);
      return answer.text();
    },
    pidOf: (node) => {
      const pid = Number(readFileSync(join(stateDir, node, "pid"), "utf8"));
      if (!Number.isInteger(pid) || pid < 2) throw new Error(`no process id for ${node}`);
      return pid;
    },
    output: () => output,
    stop: async () => {
      process.off("exit", end);
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGINT");
        await once(child, "exit");
      }
      rmSync(stateDir, { recursive: true, force: true });
      return child.exitCode;
    },
  };
  try {
    for (const node of stack.nodes) await port(node, "admin");
  } catch (error) {
    await stack.stop();
    throw error;
  }
  return stack;
}

/** What is set for a broadcast of the caller's own does not concern this one. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("FULLHOUSE_")),
  );
}

async function readyOf(
  child: ChildProcess,
  of: {
    stateDir: string;
    node: NodeName;
    signal: AbortSignal | undefined;
    output: () => string;
  },
): Promise<Partial<Record<PortName, number>>> {
  const { stateDir, node, signal, output } = of;
  const path = join(stateDir, node, "ready.json");
  const deadlineMs = performance.now() + readyMsMax;
  const refuse = (why: string): never => {
    throw new AppError("CHILD_FAILED", `${why}; it said:\n${output()}`);
  };
  while (!existsSync(path)) {
    signal?.throwIfAborted();
    if (child.exitCode !== null) refuse("the broadcast under test has ended");
    if (performance.now() > deadlineMs) refuse(`${node} of the broadcast under test is not ready`);
    await changeBelow(stateDir, signal);
  }
  const parsed = JSON.parse(readFileSync(path, "utf8")) as {
    ready: Partial<Record<PortName, number>>;
  };
  return parsed.ready;
}

/**
 * Resolves at the next change below a folder, at an abort, or after a second: events of new folders
 * may be missed.
 */
async function changeBelow(folder: string, signal: AbortSignal | undefined): Promise<void> {
  const late = AbortSignal.timeout(1_000);
  const abort = signal === undefined ? late : AbortSignal.any([signal, late]);
  const watcher = watch(folder, { recursive: true, signal: abort });
  await Promise.race([once(watcher, "change").catch(() => undefined), once(abort, "abort")]);
  watcher.close();
}
