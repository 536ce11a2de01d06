/** A night of the model, driven and judged by the real k6, and run again from what it was told. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ModelReport } from "../../src/config/schema-model-report.ts";
import type { SimInputs } from "../../src/config/schema-sim-inputs.ts";
import { arrivedRatio } from "../../src/viewer/arrival-curve.ts";
import { scenarioOf } from "../../src/sim/testing/scenario-of.ts";
import { startScriptedOrigin } from "../peers/scripted-origin.ts";
import { StartedServer } from "../simulate/server/testing/started-server.ts";
import { runK6, thresholdsMissed } from "./run-k6.ts";
import type { NightRun } from "./scripts/night-run.ts";
import type { WireRun } from "./scripts/wire-run.ts";
import { madeWireRun } from "./testing/made-wire-run.ts";

const launcher = resolve(import.meta.dirname, "../../bin/fullhouse.mjs");
const script = join(import.meta.dirname, "scripts/night.ts");
const testTimeoutMs = 300_000;

/** 20,001 viewers: the last batch is one of them. Begins with a jump, and waits half way. */
const scenario = scenarioOf({
  name: "night",
  durationSec: 120,
  plateau: { fromSec: 60, toSec: 120 },
  audience: {
    viewerCount: 20_001,
    arrivals: [
      { atSec: 0, ratio: 0.25 },
      { atSec: 10, ratio: 0.5 },
      { atSec: 24, ratio: 0.5 },
      { atSec: 40, ratio: 1 },
    ],
  },
  topology: { edges: 8, shields: 2, edgeKbpsPerViewer: 1_000 },
});
const timeRatio = 10;

let server: StartedServer;
const folder = mkdtempSync(join(tmpdir(), "fullhouse-night-"));
beforeAll(async () => {
  server = await StartedServer.start();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await server.stop();
});

async function nightOf(more: Partial<NightRun>): Promise<{ run: string; night: NightRun }> {
  const run = await server.make({ scenario, timeRatio });
  const { arrivals, viewerCount } = scenario.audience;
  const night: NightRun = {
    serverUrl: server.url,
    runId: run.split("/").at(-1)!,
    viewerCount,
    joinBatchViewerCount: 250,
    arrivals: arrivals.map(({ atSec, ratio }) => ({ atSec: atSec / timeRatio, ratio })),
    durationSec: scenario.durationSec / timeRatio,
    refereeEverySec: 0.5,
    thresholds: {},
    ...more,
  };
  return { run, night };
}

test(
  "an audience joins by its curve to the last viewer, and its record gives the same report",
  async () => {
    const { run, night } = await nightOf({
      thresholds: { sim_egress_gbps: ["value>5"], sim_joined_viewers: ["count>5"] },
    });
    const { code, stdout, stderr, metrics } = await runK6(script, { NIGHT: JSON.stringify(night) });
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/^modelled: 20001 viewers, \d+\.\d+ Gbps on average/);
    const text = (await server.ask(`${run}/report`)).text;
    const report = JSON.parse(text) as ModelReport;
    const value = (name: string) => metrics[name]?.values["value"];
    expect(value("sim_egress_gbps_mean")).toBe(report.headline.egressGbpsMean);
    expect(value("sim_egress_gbps_peak")).toBe(report.headline.egressGbpsPeak);
    expect(value("sim_stall_ratio")).toBe(report.headline.stallRatio);
    expect(value("sim_behind_seconds")).toBe(0);
    expect(metrics["sim_joined_viewers"]?.values["count"]).toBe(20_001);
    // A further bound stands beside the audience's own.
    const bounds = Object.keys(metrics["sim_joined_viewers"]?.thresholds ?? {});
    expect(bounds.sort()).toEqual(["count==20001", "count>5"]);
    const inputs = (await server.ask(`${run}/inputs`)).json as unknown as SimInputs;
    expect(inputs.inputs).toHaveLength(81);
    // A second of the run for the jump, the window that joins wait for, and some for a busy machine.
    for (const atSec of [22, 32, 44, 60]) expectJoined(inputs, atSec);
    const path = join(folder, "inputs.json");
    writeFileSync(path, JSON.stringify(inputs));
    for (const workers of ["1", "2"]) replay(path, workers, text);
  },
  testTimeoutMs,
);

/** As many have come as the curve had 20 s ago to now. */
function expectJoined({ inputs }: SimInputs, atSec: number): void {
  const { arrivals, viewerCount } = scenario.audience;
  let joined = 0;
  for (const input of inputs) {
    if (input.kind === "join" && input.atUs <= 1e6 * atSec) joined += input.count;
  }
  const [least, most] = [atSec - 20, atSec].map((sec) => arrivedRatio(arrivals, sec) * viewerCount);
  expect(joined, `at ${atSec} s`).toBeGreaterThanOrEqual(least! - 250);
  expect(joined, `at ${atSec} s`).toBeLessThanOrEqual(most! + 250);
}

/** The report of a replay by the command is the same to the byte; but commits come and go. */
function replay(path: string, workers: string, report: string): void {
  const out = join(folder, `workers-${workers}`);
  const args = ["simulate", "--replay", path, "--workers", workers, "--out", out, "--json"];
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...args], {
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  const own = /"commit":"[^"]*"/;
  expect(stdout.replace(own, "")).toBe(report.replace(own, ""));
  expect(readFileSync(join(out, "report.json"), "utf8")).toBe(stdout);
}

test(
  "a threshold that the model misses ends k6 with 99 and is named",
  async () => {
    const { night } = await nightOf({ thresholds: { sim_egress_gbps_peak: ["value<1"] } });
    const { code, stdout, stderr } = await runK6(script, { NIGHT: JSON.stringify(night) });
    expect(code, stdout + stderr).toBe(thresholdsMissed);
    expect(stdout).toMatch(/MISSED +sim_egress_gbps_peak value<1\n$/);
  },
  testTimeoutMs,
);

test(
  "viewers who cannot join and a night that breaks off end k6 with 99",
  async () => {
    const { run, night } = await nightOf({ viewerCount: 20_500 });
    const ending = server
      .until(run, ({ tSec }) => Number(tSec) >= 80)
      .then(() => server.ask(`${run}/end`, {}));
    const { code, stdout } = await runK6(script, { NIGHT: JSON.stringify(night) });
    await ending;
    expect(code).toBe(thresholdsMissed);
    expect(stdout).toMatch(/MISSED +sim_join_failures count<1/);
    expect(stdout).toMatch(/MISSED +sim_joined_viewers count==20500/);
  },
  testTimeoutMs,
);

test(
  "real viewers watch at the same time, and both are told apart in the end",
  async () => {
    const rungs = [{ kbps: 300, width: 480, height: 270 }];
    const origin = await startScriptedOrigin({ feed: "main", rungs, segmentDurationMs: 1_000 });
    try {
      const { night } = await nightOf({});
      const variables = { NIGHT: JSON.stringify(night), WIRE: JSON.stringify(wireOf(origin.url)) };
      const { stdout, stderr, metrics } = await runK6(script, variables);
      expect(stdout, stderr).toMatch(/^modelled: 20001 viewers, .*\nmeasured: 8 viewers on real/);
      const count = (name: string) => metrics[name]?.values["count"] ?? 0;
      expect(count("sim_joined_viewers")).toBe(20_001);
      expect(count("viewer_joins")).toBe(8);
      expect(count("viewer_watch_seconds")).toBeGreaterThan(8 * 5);
    } finally {
      await origin.close();
    }
  },
  testTimeoutMs,
);

/** Eight viewers who come within two seconds and stay. */
function wireOf(edge: string): WireRun {
  return madeWireRun({
    targets: [[edge]],
    viewerCount: 8,
    durationSec: 10,
    arrivals: [
      { atSec: 0, ratio: 0 },
      { atSec: 2, ratio: 1 },
    ],
    startLeavePerSecRatio: 0,
    sampleEvery: 0,
    judgedBy: "edges",
  });
}
