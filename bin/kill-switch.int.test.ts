/**
 * The kill switch of the swarm: one call at the origin, through shields, to viewers who share in the
 * room; also when programs in between hang, which is when somebody will want it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { stringify } from "yaml";
import { runEdge } from "../edge/main.ts";
import { RoomTestClient } from "../edge/testing/room-client.ts";
import { recordReplay } from "../origin/transcode/record-replay.ts";
import { resolveConfig } from "../src/config/resolve.ts";
import { adminTokenFile } from "../src/node/admin-server.ts";
import { CapturedLog } from "../src/node/testing/captured-log.ts";
import type { ReadyPorts } from "../src/node/ready.ts";
import { ChildProgram } from "./child-program.ts";

const launcher = join(import.meta.dirname, "fullhouse.mjs");
const any = "127.0.0.1:0";
const viewerCount = 20;
/** What docs/swarm.md promises. */
const promisedMs = 5_000;
const testTimeoutMs = 120_000;

let recording: string;
let folder: string;
let closers: (() => Promise<void>)[];
let adminPorts: Map<string, number>;
let children: Map<string, ChildProgram>;
let edgeLog: CapturedLog;
let viewers: RoomTestClient[];

beforeAll(async () => {
  recording = mkdtempSync(join(tmpdir(), "fullhouse-switch-replay-"));
  rmSync(recording, { recursive: true });
  const rungs = [{ kbps: 300, width: 480, height: 270 }];
  const resolved = resolveConfig([{ source: "test", values: { ladder: { rungs } } }]);
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  await recordReplay({ config: resolved.config, dir: recording, seconds: 5, input: undefined });
}, testTimeoutMs);

afterAll(() => rmSync(recording, { recursive: true, force: true }));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fullhouse-switch-"));
  closers = [];
  adminPorts = new Map();
  children = new Map();
  viewers = [];
});

afterEach(async () => {
  for (const close of closers.reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

function valuesOf(name: string, more: Record<string, unknown>): Record<string, unknown> {
  return {
    node: { name, logLevel: "warn" },
    admin: { listen: any },
    swarm: { mode: "on" },
    stateDir: join(folder, name),
    ...more,
  };
}

/** A program of its own, so that it can be stopped and killed; resolves with its ports. */
async function startChild(
  program: "origin" | "edge",
  values: Record<string, unknown>,
): Promise<Required<Pick<ReadyPorts, "tier" | "admin">>> {
  const { name } = values["node"] as { name: string };
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, stringify(values));
  const lines: string[] = [];
  const child = new ChildProgram({
    command: process.execPath,
    args: [launcher, program, "--config", file],
    onLine: (line) => lines.push(line),
  });
  children.set(name, child);
  closers.push(() => {
    child.killGroup();
    return child.ended.then(() => undefined);
  });
  const ports = await child.ready;
  if (ports?.tier === undefined || ports.admin === undefined) throw new Error(lines.join("\n"));
  adminPorts.set(name, ports.admin);
  return { tier: ports.tier, admin: ports.admin };
}

function signal(name: string, what: NodeJS.Signals): void {
  process.kill(children.get(name)!.pid!, what);
}

/** Plays a recording for ever: cells are of a rung that there is. */
const originValues = () =>
  valuesOf("origin", { origin: { source: `replay:${recording}` }, tier: { listen: any } });

/** An origin, shields and below them an edge, whose viewers are in a cell. */
async function startTiers(shieldNames: readonly string[]): Promise<void> {
  const origin = await startChild("origin", originValues());
  const parents: string[] = [];
  for (const name of shieldNames) {
    const above = { parents: [`http://127.0.0.1:${origin.tier}`], tier: { listen: any } };
    const { tier } = await startChild("edge", valuesOf(name, above));
    parents.push(`http://127.0.0.1:${tier}`);
  }
  const values = valuesOf("edge", { parents, viewer: { listen: any } });
  const resolved = resolveConfig([{ source: "test", values }]);
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  edgeLog = new CapturedLog();
  const edge = await runEdge(resolved.config, { log: edgeLog.log });
  closers.push(() => edge.close());
  adminPorts.set("edge", edge.ports.admin!);
  const viewerUrl = `http://127.0.0.1:${edge.ports.viewer}`;
  viewers = await Promise.all(
    Array.from({ length: viewerCount }, () => RoomTestClient.enter(viewerUrl)),
  );
  closers.push(() => {
    for (const viewer of viewers) viewer.close();
    return Promise.resolve();
  });
  for (const viewer of viewers) viewer.send({ kind: "watch", rung: 300, share: "both" });
  await untilAll("on");
  await memberCountIs(viewerCount);
}

async function call(node: string, mode?: string | null): Promise<Response> {
  const token = readFileSync(join(folder, node, adminTokenFile), "utf8").trim();
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const post = { method: "POST", body: JSON.stringify({ mode }) };
  const url = `http://127.0.0.1:${adminPorts.get(node)}/api/swarm`;
  return fetch(url, { headers, ...(mode === undefined ? {} : post) });
}

async function memberCountIs(count: number): Promise<void> {
  const members = async (): Promise<string | undefined> => {
    const page = await fetch(`http://127.0.0.1:${adminPorts.get("edge")}/metrics`);
    return /^live_swarm_members\{.*\} (\d+)$/m.exec(await page.text())?.[1];
  };
  await expect.poll(members, { timeout: 30_000 }).toBe(String(count));
}

/** The policy that the viewer knows now. */
function modeOf(viewer: RoomTestClient): string | undefined {
  return (viewer.all("policy").at(-1) ?? viewer.all("welcome")[0])?.policy.mode;
}

const untilAll = (mode: string): Promise<unknown> =>
  Promise.all(viewers.map((viewer) => viewer.until(() => modeOf(viewer) === mode)));

/** How long it takes from now until every viewer knows. */
async function msUntilAll(mode: string): Promise<number> {
  const beganMs = performance.now();
  await untilAll(mode);
  return performance.now() - beganMs;
}

const switches = (): unknown[] =>
  edgeLog.said("the swarm was switched").map((line) => line["isOn"]);

test(
  "a call at the origin reaches every viewer and ends their cell, and no call at an edge is above it",
  { timeout: testTimeoutMs },
  async () => {
    await startTiers(["shield"]);
    expect((await call("origin", "off")).status).toBe(200);
    expect(await msUntilAll("off")).toBeLessThan(promisedMs);
    await memberCountIs(0);

    const answer = (await (await call("edge", "on")).json()) as { feeds: unknown };
    expect(answer.feeds).toEqual([{ name: "main", isOn: false, reason: "the origin forbids it" }]);
    expect(viewers.every((viewer) => modeOf(viewer) === "off")).toBe(true);

    await call("origin", null);
    await untilAll("on");
    await memberCountIs(viewerCount);
    await call("edge", "off");
    await untilAll("off");
    expect((await call("shield", "off")).status).toBe(404);
  },
);

test(
  "an edge whose parent hangs is told by the other one; one whose parents all do goes off by itself",
  { timeout: testTimeoutMs },
  async () => {
    await startTiers(["preferred", "other"]);
    signal("preferred", "SIGSTOP");
    await call("origin", "off");
    expect(await msUntilAll("off")).toBeLessThan(promisedMs);
    await call("origin", "on");
    await untilAll("on");
    await memberCountIs(viewerCount);
    expect(switches()).toEqual([true, false, true]);

    signal("other", "SIGSTOP");
    expect(await msUntilAll("off")).toBeLessThan(promisedMs);
    await memberCountIs(0);
    const { feeds } = (await (await call("edge")).json()) as { feeds: { reason: string }[] };
    expect(feeds[0]?.reason).toMatch(/^no parent has said for long enough/);

    signal("other", "SIGCONT");
    await untilAll("on");
    expect(switches()).toEqual([true, false, true, false, true]);
  },
);

test(
  "an edge goes off by itself when the origin hangs behind a shield that answers",
  { timeout: testTimeoutMs },
  async () => {
    await startTiers(["shield"]);
    signal("origin", "SIGSTOP");
    expect(await msUntilAll("off")).toBeLessThan(promisedMs);
    signal("origin", "SIGCONT");
    await untilAll("on");
    expect(switches()).toEqual([true, false, true]);
  },
);

test(
  "what was switched off is off after a crash of the origin, until somebody allows it",
  { timeout: testTimeoutMs },
  async () => {
    const kill = async (): Promise<void> => {
      signal("origin", "SIGKILL");
      await children.get("origin")!.ended;
    };
    const p2pAfterStart = async (): Promise<unknown> => {
      const { tier } = await startChild("origin", originValues());
      const status = await fetch(`http://127.0.0.1:${tier}/live/main/status.json`);
      return ((await status.json()) as { p2p: unknown }).p2p;
    };
    expect(await p2pAfterStart()).toBe("on");
    const { since } = (await (await call("origin", "off")).json()) as { since: string };
    await kill();
    expect(await p2pAfterStart()).toBe("off");
    expect(await (await call("origin")).json()).toMatchObject({
      mode: "off",
      setBy: "call",
      since,
    });
    await call("origin", "on");
    await kill();
    expect(await p2pAfterStart()).toBe("on");
  },
);
