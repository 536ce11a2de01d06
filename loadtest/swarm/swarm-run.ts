/**
 * A crowd of Node viewers against a real edge program below a scripted source, on loopback only:
 * starts all three, and returns what the viewers did beside what edge and source say of it.
 */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../../src/base/errors.ts";
import { packageRoot } from "../../src/node/package-root.ts";
import { startScriptedOrigin, type ScriptedOrigin } from "../peers/scripted-origin.ts";
import { startProgram } from "../wire/child-program.ts";
import type { CrowdOptions, CrowdResult } from "./crowd-options.ts";

export interface SwarmRunOptions extends Omit<CrowdOptions, "edgeUrl" | "feed"> {
  segmentDurationMs: number;
  /** The edge's `swarm.seedCount`; its default when not stated. */
  seedCount?: number;
}

export interface SwarmRunResult extends CrowdResult {
  /** Segments of which something was played that the source never made. */
  corruptPlayedCount: number;
  /** Bytes of bodies that the edge sent to viewers. */
  edgeBodyBytes: number;
}

const feed = "main";
/** A crowd that does not come back in so much more than its time hangs. */
const graceMs = 30_000;

export async function runSwarm(options: SwarmRunOptions): Promise<SwarmRunResult> {
  const { kbps, segmentDurationMs, latencyMs } = options;
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-swarm-"));
  const source = await startScriptedOrigin({
    feed,
    rungs: [{ kbps, width: 480, height: 270 }],
    segmentDurationMs,
    playlistCount: Math.ceil(latencyMs / segmentDurationMs) + 6,
    p2p: "on",
  });
  let edge: Awaited<ReturnType<typeof startEdge>> | undefined;
  try {
    edge = await startEdge(folder, source.url, options.seedCount);
    const edgeUrl = `http://127.0.0.1:${edge.ready.viewer}`;
    const before = await egressBytes(edge.ready.admin);
    const result = await crowdInChild({ ...options, edgeUrl, feed });
    const edgeBodyBytes = (await egressBytes(edge.ready.admin)) - before;
    return { ...result, edgeBodyBytes, corruptPlayedCount: corruptCount(result, source, kbps) };
  } finally {
    await edge?.stop();
    await source.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function startEdge(folder: string, parentUrl: string, seedCount: number | undefined) {
  const settings = {
    parents: JSON.stringify([parentUrl]),
    "viewer.listen": "127.0.0.1:0",
    "node.name": "swarm",
    "node.logLevel": "warn",
    stateDir: join(folder, "edge"),
    "swarm.mode": "on",
    // What limits an upload here is the viewer's line.
    "swarm.uploadKbpsMax": "0",
    ...(seedCount === undefined ? {} : { "swarm.seedCount": String(seedCount) }),
  };
  return startProgram<{ viewer: number; admin: number }>("the edge", [
    join(packageRoot(), "bin/fullhouse.mjs"),
    "edge",
    ...Object.entries(settings).flatMap(([key, value]) => ["--set", `${key}=${value}`]),
  ]);
}

async function egressBytes(adminPort: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  const [, value] =
    /^live_edge_egress_bytes_total\{[^}]*to="viewers"[^}]*\} (\S+)$/m.exec(text) ?? [];
  return Number(value ?? 0);
}

/** Runs the crowd in a process of its own, which ends with it. */
async function crowdInChild(options: CrowdOptions): Promise<CrowdResult> {
  const child = fork(join(import.meta.dirname, "crowd-child.ts"), [], {
    execArgv: ["--import", "tsx"],
    silent: true,
  });
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  let output = "";
  for (const stream of [child.stdout!, child.stderr!]) {
    stream
      .setEncoding("utf8")
      .on("data", (text: string) => (output = (output + text).slice(-20_000)));
  }
  const { joinMs, settleMs, measuredMs } = options;
  const timer = setTimeout(kill, joinMs + settleMs + measuredMs + graceMs);
  let result: CrowdResult | undefined;
  child.once("message", (message: { result: CrowdResult }) => (result = message.result));
  child.send(options);
  await new Promise<void>((resolve) => child.once("close", () => resolve()));
  clearTimeout(timer);
  process.off("exit", kill);
  if (result === undefined)
    throw new AppError("CHILD_FAILED", `the crowd failed:\n${output.trim()}`);
  return result;
}

/** Checked against the source itself, not against what the room announced. */
function corruptCount(result: CrowdResult, source: ScriptedOrigin, rung: number): number {
  return Object.entries(result.played).filter(([msn, digests]) => {
    const right = source.digestOf({ rung, msn: Number(msn) });
    return digests.some((digest) => digest !== right);
  }).length;
}
