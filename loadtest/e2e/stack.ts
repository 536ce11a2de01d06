/**
 * A whole broadcast for tests: `fullhouse start` on free ports in a state folder of its own.
 * Ports come from the ready.json files the programs write, keys from the state folder.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type NodeName = "origin" | "shield" | "edge-1" | "edge-2";
type PortName = "rtmp" | "tier" | "viewer" | "admin";

export interface Stack {
  stateDir: string;
  /** The port a node reported; waits for its (re)start when it has not yet. */
  port(node: NodeName, port: PortName): Promise<number>;
  /** Base URL of an edge's viewer port. */
  edgeUrl(edge: "edge-1" | "edge-2"): Promise<string>;
  /** Where a publisher sends: rtmp://…/live/{key}. */
  publishUrl(key?: string): Promise<string>;
  metrics(node: NodeName): Promise<string>;
  /** Process id of a node's program. */
  pidOf(node: NodeName): number;
  output(): string;
  stop(): Promise<number | null>;
}

const root = join(import.meta.dirname, "../..");

export async function startStack(args: readonly string[]): Promise<Stack> {
  const stateDir = mkdtempSync(join(tmpdir(), "fullhouse-e2e-"));
  const child = spawn(
    process.execPath,
    [join(root, "bin/fullhouse.mjs"), "start", "--port-base", "0", "--state", stateDir, ...args],
    { cwd: root, stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-200_000);
    });
  }
  const port = async (node: NodeName, name: PortName): Promise<number> => {
    const ready = await readyOf(child, stateDir, node, () => output);
    const value = ready[name];
    if (value === undefined) throw new Error(`${node} reports no ${name} port`);
    return value;
  };
  const stack: Stack = {
    stateDir,
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
      if (child.exitCode === null) {
        child.kill("SIGINT");
        await once(child, "exit");
      }
      rmSync(stateDir, { recursive: true, force: true });
      return child.exitCode;
    },
  };
  try {
    for (const node of ["origin", "shield", "edge-1", "edge-2"] as const) await port(node, "admin");
  } catch (error) {
    await stack.stop();
    throw error;
  }
  return stack;
}

async function readyOf(
  child: ChildProcess,
  stateDir: string,
  node: NodeName,
  output: () => string,
): Promise<Partial<Record<PortName, number>>> {
  const path = join(stateDir, node, "ready.json");
  const deadlineMs = performance.now() + 60_000;
  while (!existsSync(path)) {
    if (child.exitCode !== null) throw new Error(`fullhouse start ended:\n${output()}`);
    if (performance.now() > deadlineMs) throw new Error(`${node} is not ready:\n${output()}`);
    await changeBelow(stateDir);
  }
  const parsed = JSON.parse(readFileSync(path, "utf8")) as {
    ready: Partial<Record<PortName, number>>;
  };
  return parsed.ready;
}

/** Resolves at the next change below a folder, or after a second (events of new folders may be missed). */
async function changeBelow(folder: string): Promise<void> {
  const abort = AbortSignal.timeout(1_000);
  const watcher = watch(folder, { recursive: true, signal: abort });
  await Promise.race([once(watcher, "change").catch(() => undefined), once(abort, "abort")]);
  watcher.close();
}
