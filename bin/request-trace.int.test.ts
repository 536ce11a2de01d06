/** One request followed by its id from an edge through a shield to the origin, all of them real. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { relayTier, runEdge } from "../edge/main.ts";
import { runOrigin } from "../origin/main.ts";
import { recordReplay } from "../origin/transcode/record-replay.ts";
import { resolveConfig } from "../src/config/resolve.ts";
import type { Config } from "../src/config/schema.ts";
import { CapturedLog, type LogLine } from "../src/node/testing/captured-log.ts";

const any = "127.0.0.1:0";
const folder = mkdtempSync(join(tmpdir(), "fullhouse-trace-"));
const logs = {
  origin: new CapturedLog({ node: "origin-1", tier: "origin", accessLinesPerSec: 1_000 }),
  shield: new CapturedLog({ node: "shield-1", tier: "shield", accessLinesPerSec: 1_000 }),
  edge: new CapturedLog({ node: "edge-1", tier: "edge", accessLinesPerSec: 1_000 }),
};
const closers: (() => Promise<void>)[] = [];
let viewers = "";

function configOf(name: string, values: Record<string, unknown>): Config {
  const rungs = [{ kbps: 150, width: 320, height: 180 }];
  const shared = {
    node: { name },
    ladder: { rungs },
    admin: { listen: null },
    stateDir: join(folder, name),
    log: { accessSample: 0, accessLinesPerSec: 1_000 },
  };
  const result = resolveConfig([
    { source: "shared", values: shared },
    { source: name, values },
  ]);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
}

beforeAll(async () => {
  const dir = join(folder, "recording");
  const source = { origin: { source: `replay:${dir}` }, tier: { listen: any } };
  const originConfig = configOf("origin-1", { ...source, rtmp: { listen: null } });
  await recordReplay({ config: originConfig, dir, seconds: 10, input: undefined });
  const origin = await runOrigin(originConfig, { log: logs.origin.log });
  closers.push(() => origin.close());
  const parents = [`http://127.0.0.1:${origin.ports.tier!}`];
  const shieldConfig = configOf("shield-1", { parents, tier: { listen: any } });
  expect(relayTier(shieldConfig)).toBe("shield");
  const shield = await runEdge(shieldConfig, { log: logs.shield.log });
  closers.push(() => shield.close());
  const edge = await runEdge(
    configOf("edge-1", {
      parents: [`http://127.0.0.1:${shield.ports.tier!}`],
      viewer: { listen: any },
      // Every request that an edge cannot answer at once; nothing else in this house asks for lines.
      log: { accessSample: 1 },
    }),
    { log: logs.edge.log },
  );
  closers.push(() => edge.close());
  viewers = `http://127.0.0.1:${edge.ports.viewer!}/live/main/150`;
}, 60_000);

afterAll(async () => {
  for (const close of closers.reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

/** Names of the newest segments of the rung, the oldest first, once the feed has two. */
async function segmentNames(): Promise<string[]> {
  for (let text = ""; ;) {
    const response = await fetch(`${viewers}/index.m3u8`);
    text = await response.text();
    const names = text.split("\n").filter((line) => line.endsWith(".m4s"));
    if (response.status === 200 && names.length >= 2) return names;
  }
}

const isOf = (id: unknown) => (line: LogLine) => line["requestId"] === id;

test("one miss at the edge is found by one id in the logs of all three tiers", async () => {
  const [oldest] = await segmentNames();
  const [epoch, msn] = oldest!.replace(".m4s", "").split("-").map(Number);
  // One that no node fetches by itself: those come with a new playlist.
  const response = await fetch(`${viewers}/${oldest}`);
  expect(response.status).toBe(200);
  const byteCount = (await response.arrayBuffer()).byteLength;
  const isMiss = (line: LogLine): boolean =>
    line["msg"] === "response" && line["msn"] === msn && line["outcome"] === "miss";
  const miss = await logs.edge.until(isMiss);
  const id = miss["requestId"];
  const found = await logs.origin.until(isOf(id));

  const one = { requestId: id, kind: "segment", feed: "main", rung: "150", epoch, msn };
  const whole = { ...one, status: 200, bytes: byteCount };
  expect(miss).toMatchObject({ ...whole, tier: "edge", node: "edge-1", reason: "sample" });
  const at = (log: CapturedLog, msg: string) => log.said(msg).filter(isOf(id));
  expect(at(logs.edge, "fill")).toMatchObject([{ ...whole, outcome: "done", reason: "traced" }]);
  const traced = { ...whole, reason: "traced" };
  expect(at(logs.shield, "response")).toMatchObject([{ ...traced, tier: "shield", fillId: id }]);
  expect(at(logs.shield, "fill")).toMatchObject([traced]);
  expect(found).toMatchObject({ ...traced, msg: "response", tier: "origin", outcome: "hit" });
});
