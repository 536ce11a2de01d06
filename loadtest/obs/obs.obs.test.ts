/** Opt-in (npm run test:obs): a real OBS against a whole stack. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startStack, type Stack } from "../wire/stack.ts";
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

/** Whether the feed has gone live since the instant, as the edge's viewers see it. */
async function isLiveSince(unixMs: number): Promise<boolean> {
  const answer = await fetch(`${await stack.edgeUrl("edge-1")}/live/main/status.json`);
  const status = (await answer.json()) as { state: string; sinceUnixMs: number };
  return status.state === "live" && status.sinceUnixMs > unixMs;
}

test("OBS publishes, the feed goes live, and after an origin restart OBS comes back", async () => {
  const obs = startObs({ server: await server(), key: rightKey() });
  try {
    await obs.logged(/Connection to .* successful/, 60_000);
    await expect.poll(() => isLiveSince(0), { timeout: 40_000 }).toBe(true);
    const killedUnixMs = Date.now();
    process.kill(stack.pidOf("origin"), "SIGKILL");
    await obs.logged(/Reconnecting in [\d.]+ seconds|Reconnecting, /i, 30_000);
    await obs.logged(/successful[^]*successful/, 60_000);
    await expect.poll(() => isLiveSince(killedUnixMs), { timeout: 60_000 }).toBe(true);
  } finally {
    await obs.stop();
  }
});

test("OBS with a wrong key is told so, and does not try again", async () => {
  const obs = startObs({ server: await server(), key: "not-the-key" });
  try {
    await obs.logged(/Connecting to RTMP URL/, 60_000);
    await obs.logged(/NetStream\.Publish\.BadName \(The stream key is wrong/, 30_000);
    // With another try to come, OBS says so now and does not stop the stream.
    await obs.logged(/Streaming Stop/, 10_000);
    await obs.logged(/Connection to .* failed/, 10_000);
    expect(obs.log()).not.toMatch(/Reconnecting/i);
    expect(obs.log()).not.toMatch(/Connection to .* successful/);
  } finally {
    await obs.stop();
  }
});
