import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { resolveConfig } from "../src/config/resolve.ts";
import type { FeedStatus } from "../src/hls/status.ts";
import { adminTokenFile } from "../src/node/admin-server.ts";
import { systemClock } from "../src/node/system-clock.ts";
import { CapturedLog } from "../src/node/testing/captured-log.ts";
import { swarmOffFile, SwarmPermission } from "./swarm-permission.ts";
import { TestOrigin } from "./testing/test-origin.ts";

let origin: TestOrigin | undefined;

let stateDir: string | undefined;

afterEach(async () => {
  await origin?.close();
  origin = undefined;
  if (stateDir !== undefined) rmSync(stateDir, { recursive: true, force: true });
  stateDir = undefined;
});

/** A run of the permission alone, over the state that the run before has left. */
function nextRun() {
  stateDir ??= mkdtempSync(join(tmpdir(), "fullhouse-permission-"));
  const values = { swarm: { mode: "on" }, stateDir };
  const resolved = resolveConfig([{ source: "test", values }]);
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  const logged = new CapturedLog();
  let p2p: FeedStatus["p2p"] = "on";
  const permission = new SwarmPermission({
    config: resolved.config,
    feeds: [{ setP2p: (now) => (p2p = now) }],
    clock: systemClock,
    log: logged.log,
  });
  const query = new URLSearchParams();
  const says = (mode?: string | null) => {
    const asked = mode === undefined ? { method: "GET" as const, body: undefined } : post(mode);
    return permission.call()({ ...asked, query }) as Record<string, unknown>;
  };
  return { file: join(stateDir, swarmOffFile), p2p: () => p2p, says, logged };
}

const post = (mode: string | null) => ({ method: "POST" as const, body: { mode } });

async function call(body?: unknown): Promise<{ status: number; answer: Record<string, unknown> }> {
  const token = readFileSync(join(origin!.stateDir, adminTokenFile), "utf8").trim();
  const response = await fetch(`${origin!.adminBase}/api/swarm`, {
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}

test("the switch is in the status at once, whoever holds it is answered", async () => {
  origin = await TestOrigin.start({ swarm: { mode: "on" } });
  const before = await origin.status();
  expect(before.p2p).toBe("on");
  const held = origin.status(`?v=${before.version}`);
  expect((await call({ mode: "off" })).answer).toMatchObject({
    mode: "off",
    p2p: "off",
    setBy: "call",
  });
  const after = await held;
  expect(after).toMatchObject({ p2p: "off", state: before.state });
  expect(after.version).toBeGreaterThan(before.version);
  expect((await call()).answer).toMatchObject({ mode: "off", p2p: "off" });
});

test("null is what is configured again, and auto leaves it to the edges as on does", async () => {
  origin = await TestOrigin.start();
  expect((await origin.status()).p2p).toBe("off");
  await call({ mode: "auto" });
  expect((await origin.status()).p2p).toBe("on");
  expect((await call({ mode: null })).answer).toMatchObject({
    mode: "off",
    setBy: "configuration",
  });
  expect((await origin.status()).p2p).toBe("off");
});

test.each([{}, { mode: "ON" }, { mode: true }, [], "off", null])(
  "%j is refused, and changes nothing",
  async (body) => {
    origin = await TestOrigin.start({ swarm: { mode: "on" } });
    const { status, answer } = await call(body);
    expect([status, answer["code"]]).toEqual([400, "REQUEST_INVALID"]);
    expect((await origin.status()).p2p).toBe("on");
  },
);

test("a status that nothing changed in keeps its version", async () => {
  origin = await TestOrigin.start({ swarm: { mode: "on" } });
  const { version } = await origin.status();
  await call({ mode: "on" });
  expect((await origin.status()).version).toBe(version);
});

test("off outlives the program, with its time, and is said at each start; other calls do not", () => {
  expect(nextRun().logged.lines).toEqual([]);
  const { since } = nextRun().says("off");
  for (let run = 0; run < 2; run++) {
    const { p2p, says, logged } = nextRun();
    expect([p2p(), says()]).toMatchObject(["off", { mode: "off", setBy: "call", since }]);
    expect(logged.lines).toMatchObject([{ level: 40, mode: "off", since }]);
  }
  for (const allowed of ["on", "auto", null]) {
    nextRun().says("off");
    const { file, says } = nextRun();
    expect(says(allowed)).toMatchObject({ p2p: "on" });
    expect(existsSync(file)).toBe(false);
    expect([nextRun().p2p(), nextRun().says()["setBy"]]).toEqual(["on", "configuration"]);
  }
});

test("a file that holds nothing, or cannot be read, is off all the same", () => {
  const { file } = nextRun();
  writeFileSync(file, "");
  expect([nextRun().p2p(), nextRun().says()["since"]]).toEqual(["off", null]);
  rmSync(file);
  mkdirSync(file);
  expect(nextRun().p2p()).toBe("off");
});

test("a state folder that cannot be written does not keep the switch from working", () => {
  const { file, p2p, says, logged } = nextRun();
  mkdirSync(`${file}.new`);
  expect(says("off")["note"]).toMatch(/a restart would not know of this call: EISDIR/);
  expect(p2p()).toBe("off");
  expect(logged.said("a restart would not know of that call")).toHaveLength(1);
  rmSync(`${file}.new`, { recursive: true });
  expect(says("off")["note"]).toMatch(/^Kept over restarts/);
});
