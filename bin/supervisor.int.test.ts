import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { EventEmitter, once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { resolveConfig } from "../src/config/resolve.ts";
import { nodeConfig, planNodes } from "./start-plan.ts";
import { Supervisor } from "./supervisor.ts";
import { aliveOf } from "./testing/process-tree.ts";

const launcher = join(import.meta.dirname, "testing/node-stand-in.mjs");
const [origin, shield, edge] = planNodes({ edgeCount: 1, portBase: 0 });

let stateDir = "";
let lines: string[] = [];
let said = new EventEmitter();
let supervisor: Supervisor;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "fullhouse-supervisor-"));
  lines = [];
  said = new EventEmitter();
  const config = resolveConfig([]);
  if (!config.ok) throw new Error("the defaults are refused");
  supervisor = new Supervisor({
    launcher,
    stateDir,
    configOf: (node, parent) =>
      nodeConfig(config.config, node, {
        stateDir: join(stateDir, node.name),
        parentTierPort: parent?.tier,
        standbyKeyHash: undefined,
      }),
    say: (line) => {
      lines.push(line);
      said.emit("line");
    },
  });
});

afterEach(async () => {
  await supervisor.close();
  rmSync(stateDir, { recursive: true });
});

async function lineWith(words: string): Promise<string> {
  for (;;) {
    const found = lines.find((line) => line.includes(words));
    if (found !== undefined) return found;
    await once(said, "line");
  }
}

function pidIn(...path: string[]): number {
  return Number(readFileSync(join(stateDir, ...path), "utf8"));
}

test("children get their parents' ports, and close in reverse with all they started", async () => {
  const originPorts = await supervisor.start(origin!);
  await supervisor.start(shield!);
  await supervisor.start(edge!);
  expect(readFileSync(join(stateDir, "shield/config.yaml"), "utf8")).toContain(
    `http://127.0.0.1:${originPorts.tier}`,
  );
  const pids = ["origin", "shield", "edge-1"].flatMap((name) => [
    pidIn(name, "pid"),
    pidIn(name, "encoder-pid"),
  ]);
  expect(aliveOf(pids)).toEqual(pids);
  await supervisor.close();
  await expect.poll(() => aliveOf(pids)).toEqual([]);
  expect(readFileSync(join(stateDir, "edge-1/ended"), "utf8")).toMatch(/^told/);
});

test("a child that is killed is reported and comes back on its ports", async () => {
  const before = await supervisor.start(origin!);
  const pid = pidIn("origin", "pid");
  const encoder = pidIn("origin", "encoder-pid");
  process.kill(pid, "SIGKILL");
  expect(await lineWith("ended")).toBe(
    "origin ended (killed by SIGKILL); starting it again in 0.5 s",
  );
  await lineWith("origin is back");
  expect(supervisor.portsOf("origin")).toEqual(before);
  expect(pidIn("origin", "pid")).not.toBe(pid);
  await expect.poll(() => aliveOf([encoder])).toEqual([]);
});

test("a child's configuration is readable by its owner alone, whatever was there", async () => {
  const path = join(stateDir, "origin/config.yaml");
  mkdirSync(join(stateDir, "origin"));
  writeFileSync(path, "", { mode: 0o644 });
  await supervisor.start(origin!);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a child that cannot start is an error with its own words", async () => {
  mkdirSync(join(stateDir, "origin"));
  writeFileSync(join(stateDir, "origin/refuse"), "");
  await expect(supervisor.start(origin!)).rejects.toThrow(
    "origin did not start (exit code 1):\n  origin: this node refuses to start",
  );
});

test.each(["config.yaml", "pid"])(
  "a child comes back when its folder is usable again: %s cannot be written",
  async (name) => {
    await supervisor.start(origin!);
    const pid = pidIn("origin", "pid");
    const path = join(stateDir, "origin", name);
    rmSync(path, { force: true });
    mkdirSync(path);
    process.kill(pid, "SIGKILL");
    await lineWith("origin ended (cannot be started: ");
    expect(lines.find((line) => line.includes("cannot be started"))).toContain("EISDIR");
    rmSync(path, { recursive: true });
    await lineWith("origin is back");
    expect(pidIn("origin", "pid")).not.toBe(pid);
  },
);

test("warnings are shown, and everything is in the log file", async () => {
  await supervisor.start(origin!);
  process.kill(pidIn("origin", "pid"), "SIGTERM");
  await lineWith("origin is back");
  await lineWith("origin: a warning");
  expect(readFileSync(join(stateDir, "origin/origin.log"), "utf8")).toContain('"msg":"told"');
  expect(lines.some((line) => line.includes("told"))).toBe(false);
});

test("closing while a child waits to be started again ends the wait", async () => {
  await supervisor.start(origin!);
  process.kill(pidIn("origin", "pid"), "SIGKILL");
  await lineWith("starting it again");
  await supervisor.close();
  await expect.poll(() => aliveOf([pidIn("origin", "pid")])).toEqual([]);
  expect(lines.some((line) => line.includes("is back"))).toBe(false);
});
