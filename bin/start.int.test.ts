/** The command `start` as a person uses it: real programs, a real encoder, real signals. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { testCardArguments } from "../src/node/test-card.ts";
import { aliveOf, descendantsOf } from "./testing/process-tree.ts";
import { startBroadcast, type StartedBroadcast } from "./testing/started-broadcast.ts";

const command = [process.execPath, join(import.meta.dirname, "fullhouse.mjs")];
const testTimeoutMs = 120_000;

let broadcast: StartedBroadcast | undefined;
afterEach(() => broadcast?.remove());

async function readyBroadcast(args: readonly string[]): Promise<StartedBroadcast> {
  broadcast = startBroadcast(command, args);
  await broadcast.prints(/Fullhouse is up/);
  return broadcast;
}

/** The four programs, the card's encoder and the ladder's. */
async function withEncoders(pid: number): Promise<number[]> {
  await expect.poll(() => descendantsOf(pid).length, { timeout: 30_000 }).toBeGreaterThanOrEqual(6);
  return descendantsOf(pid);
}

test(
  "the test card is on until somebody publishes, and again when they have left",
  { timeout: testTimeoutMs },
  async () => {
    const { prints, output, stateDir, pid, end } = await readyBroadcast(["--edges", "1"]);
    await prints(/^live \(test card\) \| 150 300 450 600 750 kbps \+ audio \| 0 viewers/m);
    const [url] = await prints(/rtmp:\/\/localhost:\d+\/live\/\S+/);
    expect(url).toContain(readFileSync(join(stateDir, "origin/stream-key-main"), "utf8").trim());

    const publisher = spawn("ffmpeg", testCardArguments({ url, text: false }), {
      stdio: "ignore",
    });
    await prints(/^live \(main\)/m);
    const beforeLeaving = output().length;
    publisher.kill("SIGKILL");
    await once(publisher, "exit");
    await prints(/^\w+ \(test card\)/m, beforeLeaving);

    const all = descendantsOf(pid);
    // Origin, shield, edge, the card's encoder and the ladder's.
    expect(all.length).toBeGreaterThanOrEqual(5);
    expect(await end("SIGINT")).toBe(0);
    await expect.poll(() => aliveOf(all), { timeout: 5_000 }).toEqual([]);
  },
);

test(
  "a killed child is reported and comes back; a second start is told who has the state folder",
  { timeout: testTimeoutMs },
  async () => {
    const { prints, stateDir, pid, end } = await readyBroadcast(["--no-testcard", "--cap", "300"]);
    const edge = Number(readFileSync(join(stateDir, "edge-1/pid"), "utf8"));
    process.kill(edge, "SIGKILL");
    await prints(/^edge-1 ended \(killed by SIGKILL\); starting it again in 0.5 s$/m);
    await prints(/^edge-1 is back$/m);

    const [program = "", ...args] = command;
    const second = spawnSync(program, [...args, "start", "--port-base", "0", "--state", stateDir], {
      encoding: "utf8",
    });
    expect(second.stderr).toContain(`is used by process ${pid}`);
    expect(second.status).toBe(1);

    expect(readFileSync(join(stateDir, "origin/config.yaml"), "utf8")).toContain("capKbps: 300");
    expect(await end("SIGTERM")).toBe(0);
  },
);

test("an encoder that hangs goes with its origin", { timeout: testTimeoutMs }, async () => {
  const { prints, pid, stateDir, end } = await readyBroadcast(["--edges", "1"]);
  await prints(/^live \(test card\)/m);
  const origin = Number(readFileSync(join(stateDir, "origin/pid"), "utf8"));
  const encoders = descendantsOf(origin);
  expect(encoders).toHaveLength(1);
  for (const encoder of encoders) process.kill(encoder, "SIGSTOP");
  process.kill(origin, "SIGKILL");
  await expect.poll(() => aliveOf(encoders), { timeout: 10_000 }).toEqual([]);
  await prints(/^origin is back$/m);
  const all = descendantsOf(pid);
  expect(await end("SIGTERM")).toBe(0);
  await expect.poll(() => aliveOf(all), { timeout: 5_000 }).toEqual([]);
});

test("nobody is left when the supervisor is killed", { timeout: testTimeoutMs }, async () => {
  const { pid, end } = await readyBroadcast([]);
  const all = await withEncoders(pid);
  await end("SIGKILL");
  await expect.poll(() => aliveOf(all), { timeout: 15_000 }).toEqual([]);
});

test("a second Ctrl-C ends everything at once", { timeout: testTimeoutMs }, async () => {
  const { prints, pid, child } = await readyBroadcast([]);
  const all = await withEncoders(pid);
  // The origin cannot close while it is stopped, so that closing takes until the second signal.
  const origin = all[0]!;
  process.kill(origin, "SIGSTOP");
  child.kill("SIGINT");
  await prints(/^Closing/m);
  const again = () => {
    child.kill("SIGINT");
    return child.exitCode;
  };
  await expect.poll(again, { timeout: 5_000 }).toBe(130);
  await expect.poll(() => aliveOf(all), { timeout: 5_000 }).toEqual([]);
});
