/** `start --prometheus`: the real programs beside the real Prometheus. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { aliveOf, descendantsOf } from "./testing/process-tree.ts";
import { startBroadcast, type StartedBroadcast } from "./testing/started-broadcast.ts";

const command = [process.execPath, join(import.meta.dirname, "fullhouse.mjs")];
const timeout = 120_000;

let broadcast: StartedBroadcast | undefined;
afterEach(() => broadcast?.remove());

/** A broadcast with its Prometheus, and where that one is. */
async function startWithPrometheus(): Promise<StartedBroadcast & { url: string }> {
  const args = ["--prometheus", "--no-testcard", "--edges", "2"];
  broadcast = startBroadcast(command, args);
  const [, url = ""] = await broadcast.prints(/Metrics +(http:\/\/127\.0\.0\.1:\d+) \(Prometheus/);
  return { ...broadcast, url };
}

/** What a query finds, as "labels value". */
async function query(url: string, expression: string): Promise<string[]> {
  const path = `${url}/api/v1/query?query=${encodeURIComponent(expression)}`;
  const { data } = (await (await fetch(path)).json()) as {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  return data.result
    .map(({ metric, value }) => `${metric["job"]} ${metric["tier"]} ${metric["node"]} ${value[1]}`)
    .sort();
}

function pidOf(pid: number, name: string): number {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,comm="], { encoding: "utf8" });
  const below = new Set(descendantsOf(pid));
  const found = stdout
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .find(([id, comm]) => comm === name && below.has(Number(id)));
  if (found === undefined) throw new Error(`no ${name} below ${pid}`);
  return Number(found[0]);
}

test("every node is scraped, and the rules are loaded", { timeout }, async () => {
  const { url, stateDir, pid, end } = await startWithPrometheus();
  await expect
    .poll(() => query(url, "up"), { timeout: 20_000 })
    .toEqual([
      "edge edge edge-1 1",
      "edge edge edge-2 1",
      "origin origin origin 1",
      "shield shield shield 1",
    ]);
  const rules = await (await fetch(`${url}/api/v1/rules`)).text();
  expect(rules).toContain("PublisherGone");
  expect(rules).toContain("live:egress:bits_per_second");

  const all = descendantsOf(pid);
  expect(await end("SIGINT")).toBe(0);
  expect(aliveOf(all)).toEqual([]);
  expect(existsSync(join(stateDir, "prometheus/targets/edge.json"))).toBe(false);
  expect(readFileSync(join(stateDir, "prometheus/prometheus.log"), "utf8")).not.toMatch(
    /level=error/,
  );
});

test("a killed Prometheus is said and comes back with its data", { timeout }, async () => {
  const { url, pid, prints, end } = await startWithPrometheus();
  await expect.poll(() => query(url, "up"), { timeout: 20_000 }).toHaveLength(4);
  const before = Date.now() / 1_000;
  process.kill(pidOf(pid, "prometheus"), "SIGKILL");
  await prints(/^prometheus ended \(exit code 137\); starting it again in 0\.5 s$/m);
  await prints(/^prometheus is back$/m);
  expect(await query(url, `up @ ${before}`)).toHaveLength(4);
  expect(await end("SIGTERM")).toBe(0);
});

test("it does not outlive a start that is killed", { timeout }, async () => {
  const { pid, end } = await startWithPrometheus();
  const all = descendantsOf(pid);
  expect(all).toContain(pidOf(pid, "prometheus"));
  await end("SIGKILL");
  await expect.poll(() => aliveOf(all), { timeout: 15_000 }).toEqual([]);
});

function refusedStart(args: readonly string[], path = process.env["PATH"]): string {
  const [program = "", ...before] = command;
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-refused-"));
  const { status, stderr } = spawnSync(
    program,
    [...before, "start", "--prometheus", "--state", folder, ...args],
    { encoding: "utf8", env: { ...process.env, PATH: path } },
  );
  rmSync(folder, { recursive: true });
  expect(status).toBe(1);
  return stderr;
}

test("without the program one line says what to type", { timeout }, () => {
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-path-"));
  for (const name of ["ffmpeg", "apt-get"]) {
    const { stdout } = spawnSync("which", [name], { encoding: "utf8" });
    symlinkSync(stdout.trim(), join(folder, name));
  }
  const said = refusedStart(["--port-base", "0"], folder);
  rmSync(folder, { recursive: true });
  expect(said).toMatch(
    /^fullhouse: prometheus was not found; type: .*apt-get install .*prometheus$/m,
  );
});

test("a file where its folder is to be is a clear error", { timeout }, () => {
  const stateDir = mkdtempSync(join(tmpdir(), "fullhouse-state-"));
  writeFileSync(join(stateDir, "prometheus"), "");
  const said = refusedStart(["--port-base", "0", "--state", stateDir]);
  rmSync(stateDir, { recursive: true });
  expect(said).toMatch(/^fullhouse: cannot write to .*prometheus: a file is where .* --state$/m);
  expect(said).not.toMatch(/^ +at /m);
});

test("a taken port is a clear error", { timeout }, async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const said = refusedStart(["--port-base", String(port - 12)]);
  server.close();
  expect(said).toMatch(new RegExp(`taken: .*${port} of prometheus`));
  // Debian's service is on its own port only.
  expect(said).not.toContain("systemctl");
});
