/** Opt-in (npm run test:obs): a real OBS against a whole stack. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startStack, type Stack } from "../e2e/stack.ts";
import { missingForObs, startObs } from "./obs.ts";

let stack: Stack;

beforeAll(async () => {
  const command = missingForObs();
  if (command !== "") throw new Error(`OBS is missing: ${command}`);
  stack = await startStack(["--no-testcard"]);
});

afterAll(async () => {
  expect(await stack.stop(), stack.output()).toBe(0);
});

async function server(): Promise<string> {
  return `rtmp://127.0.0.1:${await stack.port("origin", "rtmp")}/live`;
}

function rightKey(): string {
  return readFileSync(join(stack.stateDir, "origin/stream-key-main"), "utf8").trim();
}

async function feedState(): Promise<string> {
  const answer = await fetch(`${await stack.edgeUrl("edge-1")}/live/main/status.json`);
  return ((await answer.json()) as { state: string }).state;
}

test("OBS publishes, the feed goes live, and after an origin restart OBS comes back", async () => {
  const obs = startObs({ server: await server(), key: rightKey() });
  try {
    await obs.logged(/Connection to .* successful/, 60_000);
    await expect.poll(feedState, { timeout: 40_000 }).toBe("live");
    process.kill(stack.pidOf("origin"), "SIGKILL");
    await obs.logged(/Reconnecting in [\d.]+ seconds|Reconnecting, /i, 30_000);
    await obs.logged(/successful[^]*successful/, 60_000);
    await expect.poll(feedState, { timeout: 40_000 }).toBe("live");
  } finally {
    await obs.stop();
  }
});

test("OBS with a wrong key is told so, and does not try again", async () => {
  const obs = startObs({ server: await server(), key: "not-the-key" });
  try {
    await obs.logged(/Connecting to RTMP URL/, 60_000);
    await obs.logged(/Connection to .* failed|NetStream\.Publish\.BadName/, 30_000);
    expect(obs.log()).not.toMatch(/Reconnecting/i);
    expect(obs.log()).not.toMatch(/Connection to .* successful/);
  } finally {
    await obs.stop();
  }
});
