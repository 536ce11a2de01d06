/** The simulation server as a program, over real HTTP: nights, refusals, and its end. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { modelReportSchema, type ModelReport } from "../../../src/config/schema-model-report.ts";
import { simInputsSchema, type SimInputs } from "../../../src/config/schema-sim-inputs.ts";
import type { MetricSpec } from "../../../src/metrics/metric.ts";
import { simMetrics } from "../../../src/metrics/sim.ts";
import { readExposition, sumOf } from "../../../src/node/exposition.ts";
import { scenarioOf } from "../../../src/sim/testing/scenario-of.ts";
import { readInputsFile } from "../inputs-file.ts";
import { runSimulation } from "../run-simulation.ts";
import { StartedServer } from "./testing/started-server.ts";

/** A night of two minutes for 3,000 viewers, all of whom have come by the 20th second. */
const scenario = scenarioOf({
  name: "driven",
  durationSec: 120,
  plateau: { fromSec: 30, toSec: 120 },
  audience: { viewerCount: 3_000, arrivals: [{ atSec: 20, ratio: 1 }] },
  topology: { edges: 4, shields: 2, edgeKbpsPerViewer: 1_200 },
});

let server: StartedServer;
const folder = mkdtempSync(join(tmpdir(), "fullhouse-sim-test-"));
beforeAll(async () => {
  server = await StartedServer.start();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  expect(await server.stop()).toBe(0);
});

async function endOf(run: string): Promise<{ report: string; inputs: SimInputs }> {
  await server.until(run, ({ state }) => state === "ended");
  const { text: report } = await server.ask(`${run}/report`);
  const { json } = await server.ask(`${run}/inputs`);
  return { report, inputs: simInputsSchema.parse(json) };
}

test("a cap and a lost edge are seen in the state, the events and the timeline; replays are the same", async () => {
  const run = await server.make({ scenario, timeRatio: 60, workers: 2, capsKbps: [400] });
  expect((await server.ask(`${run}/joins`, { count: 1 })).status).toBe(409);
  expect((await server.ask(`${run}/start`, {})).json).toEqual({ state: "running" });
  for (let n = 0; n < 6; n++) {
    const { json } = await server.ask(`${run}/joins`, { count: 500 });
    expect(json["atSec"]).toSatisfy((sec: number) => sec > 0 && sec % 2 === 0);
  }
  const before = await server.until(run, ({ tSec }) => Number(tSec) >= 40);
  expect(before).toMatchObject({ evidence: "modelled", viewers: 3_000, joined: 3_000 });
  expect(before["kbpsPerViewer"]).toBeGreaterThan(410);
  const cap = await server.ask(`${run}/events`, { kind: "cap", capKbps: 400 });
  const lost = await server.ask(`${run}/events`, { kind: "edge-down", count: 1 });
  const lostSec = Number(lost.json["atSec"]);
  const after = await server.until(run, ({ tSec }) => Number(tSec) >= lostSec + 30);
  expect(after["kbpsPerViewer"]).toBeLessThan(410);
  expect(after["timeline"]).toHaveLength(Number(after["windows"]));
  const { report: text, inputs } = await endOf(run);
  const report: ModelReport = modelReportSchema.parse(JSON.parse(text));
  expect(report.timeline).toHaveLength(60);
  expect(report.events).toMatchObject([
    { tSec: cap.json["atSec"], kind: "cap", capKbps: 400 },
    { tSec: lostSec, kind: "edge-down", count: 1, detection: "reset" },
  ]);
  const capacityGbps = (tSec: number): number => {
    const { egressGbps, edgeUtilisation } = report.timeline.find((row) => row.tSec === tSec)!;
    return egressGbps / edgeUtilisation;
  };
  expect(capacityGbps(lostSec) / capacityGbps(lostSec - 2)).toBeCloseTo(3 / 4);
  const { stallRatio, egressGbpsMean } = (await server.ask(`${run}/stats`)).json;
  expect({ stallRatio, egressGbpsMean }).toEqual({
    stallRatio: report.headline.stallRatio,
    egressGbpsMean: report.headline.egressGbpsMean,
  });
  const path = join(folder, "inputs.json");
  writeFileSync(path, JSON.stringify(inputs));
  const recorded = readInputsFile(path);
  expect(recorded).toEqual(inputs);
  for (const workerCount of [1, 2, 4]) {
    const commit = report.commit;
    const again = await runSimulation({ scenario: inputs.scenario, recorded, commit, workerCount });
    expect(`${JSON.stringify(again.report)}\n`).toBe(text);
  }
});

test("the newest runs stand in the metrics, with the bytes that their reports come to", async () => {
  const run = await server.make({ scenario, timeRatio: 1_000, workers: 1 });
  await server.ask(`${run}/start`, {});
  await server.ask(`${run}/joins`, { count: 3_000 });
  const { report } = await endOf(run);
  const { conservation } = modelReportSchema.parse(JSON.parse(report));
  const scrape = () => fetch(`${server.url}/metrics`);
  const response = await scrape();
  expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  const samples = readExposition(await response.text());
  const labels = { tier: "simulator", node: "sim", run: run.slice("/sim/runs/".length) };
  const value = ({ name }: MetricSpec): number => sumOf(samples, name, labels);
  // The report rounds each segment under way down to whole bytes.
  const sentRatio = value(simMetrics.egressBytes) / Number(conservation.edgeEgressBytes);
  expect(sentRatio).toBeCloseTo(1, 6);
  expect(value(simMetrics.fillBytes)).toBe(Number(conservation.edgeFillBytes));
  expect(value(simMetrics.nightSeconds)).toBe(120);
  expect(value(simMetrics.viewers)).toBeGreaterThan(2_000);
  const later: string[] = [];
  for (let n = 0; n < 4; n++) {
    later.push((await server.make(whole)).slice("/sim/runs/".length));
    await server.ask(`/sim/runs/${later.at(-1)!}/end`, {});
  }
  const now = readExposition(await (await scrape()).text());
  const shown = now.filter(({ name }) => name === simMetrics.viewers.name);
  expect(shown.map((sample) => sample.labels["run"])).toEqual(later);
});

test("an engine that cannot keep up says so, answers at once, and loses nothing", async () => {
  const busy = { ...scenario, audience: { ...scenario.audience, viewerCount: 60_000 } };
  const run = await server.make({ scenario: busy, timeRatio: 1_000, workers: 1 });
  await server.ask(`${run}/start`, {});
  const { json: joined } = await server.ask(`${run}/joins`, { count: 60_000 });
  let slowestMs = 0;
  const stats = await server.until(run, (now) => {
    const askedMs = performance.now();
    void server.ask(`${run}/stats`).then(() => {
      slowestMs = Math.max(slowestMs, performance.now() - askedMs);
    });
    return now["state"] === "ended";
  });
  // The night is due within 0.12 s, and takes longer than that.
  expect(stats["behindSecMax"]).toBeGreaterThan(20);
  expect(stats).toMatchObject({ joined: 60_000, viewers: 60_000, windows: 60, behindSec: 0 });
  expect(slowestMs).toBeLessThan(1_000);
  expect((await server.ask(`${run}/joins`, { count: 1 })).text).toContain("the night is over");
  const { inputs } = await endOf(run);
  expect(inputs.inputs).toEqual([
    { kind: "join", count: 60_000, atUs: 1e6 * Number(joined["atSec"]) },
  ]);
});

test("a run that is ended has its report up to there, and the same again", async () => {
  const run = await server.make({ scenario, timeRatio: 20, workers: 1 });
  await server.ask(`${run}/start`, {});
  await server.ask(`${run}/joins`, { count: 2_000 });
  await server.until(run, ({ tSec }) => Number(tSec) >= 8);
  expect((await server.ask(`${run}/report`)).status).toBe(409);
  expect((await server.ask(`${run}/inputs`)).status).toBe(409);
  // What was told last still happens, though the end was told in the same window.
  const last = await server.ask(`${run}/joins`, { count: 1_000 });
  const { json } = await server.ask(`${run}/end`, {});
  const { report, inputs } = await endOf(run);
  expect(inputs.inputs.at(-1)).toMatchObject({
    count: 1_000,
    atUs: 1e6 * Number(last.json["atSec"]),
  });
  expect(inputs.endedUs).toBeGreaterThan(inputs.inputs.at(-1)!.atUs);
  expect((JSON.parse(report) as ModelReport).timeline.at(-1)!.viewers).toBeGreaterThan(2_000);
  expect(inputs.endedUs).toBe(1e6 * Number(json["atSec"]));
  const { timeline, commit } = JSON.parse(report) as ModelReport;
  expect(timeline).toHaveLength(inputs.endedUs / 2e6);
  const again = await runSimulation({
    scenario: inputs.scenario,
    recorded: inputs,
    commit,
    workerCount: 2,
  });
  expect(`${JSON.stringify(again.report)}\n`).toBe(report);
});

const whole = { scenario, timeRatio: 10 };
const deep = `{"scenario":${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}}`;
const tooLong = `{"scenario":"${"x".repeat(4_194_304)}"}`;
const manyCaps = Array.from({ length: 12 }, (_, n) => 1_001 + n);

test.each([
  ["no JSON", "{", 400, /no JSON, or nests too deep/],
  ["a list", "[]", 400, /must be one JSON object/],
  ["deep nesting", deep, 400, /nests too deep/],
  ["a body without an end to its size", tooLong, 413, /over 4194304 bytes/],
  ["no scenario", {}, 400, /scenario must be a name/],
  ["an unknown scenario", { scenario: "oprah-2007" }, 400, /known are .*oprah-2008/],
  ["a path", { scenario: "../../x.yaml" }, 400, /scenario must be a name/],
  [
    "a wrong scenario",
    { scenario: { ladder: { capKbps: 5 } } },
    400,
    /scenario.ladder.capKbps must/,
  ],
  ["an unknown key", { ...whole, x: 1 }, 400, /x is not a known key, got 1/],
  [
    "a wrong ratio",
    { ...whole, timeRatio: 5_000 },
    400,
    /timeRatio must be at most 1000, got 5000/,
  ],
  ["too many threads", { ...whole, workers: 9 }, 400, /workers must be at most 8, got 9/],
  ["no number", '{"scenario":"today","timeRatio":1e999}', 400, /timeRatio must be/],
  [
    "days",
    { scenario: { ...scenario, durationSec: 99_999 }, timeRatio: 1 },
    400,
    /timeRatio 4\.7 is the least/,
  ],
  ["too many caps", { ...whole, capsKbps: manyCaps }, 400, /at most 13 different rates/],
  [
    "a giant",
    { scenario: { name: "giant", audience: { viewerCount: 1e8 } }, timeRatio: 100 },
    400,
    /GB of memory; set audience.sampleWeight/,
  ],
])("a run of %s is refused with what to do", async (_, body, status, words) => {
  const reply = await server.ask("/sim/runs", body);
  expect(reply.text).toMatch(words);
  expect(reply.status).toBe(status);
});

test("what a night cannot be told is refused; the night goes on", async () => {
  const run = await server.make(whole);
  await server.ask(`${run}/start`, {});
  const check = async (call: string, body: unknown, status: number, words: RegExp) => {
    const reply = await server.ask(`${run}/${call}`, body);
    expect(reply.text).toMatch(words);
    expect(reply.status).toBe(status);
  };
  await check("joins", { count: 3_001 }, 400, /count must be at most 3000: .* got 3001/);
  await check("joins", { count: -1 }, 400, /count must be at least 1, got -1/);
  await check("joins", { count: 1.5 }, 400, /count must be a whole number, got 1.5/);
  await check("joins", { count: 1, x: 2 }, 400, /x is not a known key/);
  await check("joins", [1], 400, /one JSON object/);
  await check("joins", " ".repeat(5_000), 413, /over 4096 bytes/);
  await check("events", { kind: "join", count: 1 }, 400, /kind join is no event/);
  await check("events", { kind: "flood" }, 400, /must have a kind: join, edge-down/);
  await check("events", { kind: "cap", capKbps: 350 }, 400, /must be one of null, 150, 300, 450/);
  await check("events", { kind: "cap", capKbps: 300, atSec: 5 }, 400, /atSec is not a known key/);
  await check("events", { kind: "edge-down", count: 4 }, 400, /leave one of 4 edges up/);
  await check("events", { kind: "capacity", ratio: 0 }, 400, /ratio must be above 0/);
  await check("stats?since=x", undefined, 400, /since must be seconds/);
  await check("nothing", {}, 404, /there are \/sim\/runs and/);
  await check("toString", {}, 404, /there are \/sim\/runs and/);
  await check("joins", undefined, 405, /POST only/);
  await check("stats", {}, 405, /GET only/);
  expect((await server.ask("/sim/runs/999/stats")).status).toBe(404);
  const form = { headers: { "content-type": "text/plain" } };
  expect((await server.ask(`${run}/joins`, { count: 1 }, form)).status).toBe(415);
  expect(await statusForHost(server.url, "evil.example")).toBe(421);
  expect(await statusForHost(server.url, "localhost")).toBe(404);
  expect((await server.ask(`${run}/stats`)).json).toMatchObject({ state: "running", joined: 0 });
  await server.ask(`${run}/end`, {});
  await server.until(run, ({ state }) => state === "ended");
});

test("two runs are under way at most; one that never began is cancelled by its end", async () => {
  const runs = [await server.make(whole), await server.make(whole)];
  const third = await server.ask("/sim/runs", whole);
  expect([third.status, third.text]).toEqual([429, expect.stringMatching(/2 runs are under way/)]);
  for (const run of runs) {
    expect((await server.ask(`${run}/end`, {})).json).toEqual({ atSec: 0 });
    expect((await server.ask(`${run}/stats`)).json["state"]).toBe("cancelled");
    expect((await server.ask(`${run}/start`, {})).json).toEqual({ state: "cancelled" });
    expect((await server.ask(`${run}/report`)).status).toBe(409);
  }
});

test("threads that compute make way for the rest of the machine, the one that answers does not", async () => {
  const run = await server.make({ ...whole, workers: 2 });
  const tasks = `/proc/${server.child.pid}/task`;
  const niceOf = (task: string): number => {
    const fields = readFileSync(`${tasks}/${task}/stat`, "utf8").split(") ")[1]!.split(" ");
    return Number(fields[16]);
  };
  expect(niceOf(String(server.child.pid))).toBe(0);
  // The night's own and that of its team; Node's helpers of either may come in addition.
  const nice = readdirSync(tasks).map(niceOf);
  expect(nice.filter((value) => value === 10).length).toBeGreaterThanOrEqual(2);
  await server.ask(`${run}/end`, {});
});

test("it ends when the process that started it is gone", async () => {
  const launcher = resolve(import.meta.dirname, "../../../bin/fullhouse.mjs");
  const code = `
    const { fork } = require("node:child_process");
    const child = fork(${JSON.stringify(launcher)}, ["sim-server", "--state", ${JSON.stringify(folder)}]);
    child.on("message", () => { console.log(child.pid); process.exit(); });`;
  const parent = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "ignore"] });
  const [output] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(output.toString());
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function statusForHost(url: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(`${url}/`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on("error", reject)
      .end();
  });
}
