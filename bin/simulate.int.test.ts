import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  modelComparisonSchema,
  modelReportSchema,
  modelSeedsSchema,
  type ModelSeeds,
} from "../src/config/schema-model-report.ts";

const launcher = join(import.meta.dirname, "fullhouse.mjs");
const folder = mkdtempSync(join(tmpdir(), "fullhouse-simulate-"));
afterAll(() => rmSync(folder, { recursive: true }));

function simulate(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, "simulate", ...args], {
    cwd: folder,
    encoding: "utf8",
    timeout: 50_000,
  });
  return { status, stdout, stderr };
}

/** A minute with 200 viewers on a few edges. */
const tiny = [
  ...["--viewers", "200", "--set", "durationSec=60", "--set", "plateau.fromSec=20"],
  ...["--set", "topology.edges=4", "--set", "audience.arrivals=[{atSec: 0, ratio: 1}]"],
];

test.each([
  [["--help"], 0, /--compare <scenario/],
  [[], 2, /name a scenario, as in fullhouse simulate oprah-2008/],
  [["oprah-2007"], 2, /no scenario oprah-2007; known are .*oprah-2008, .*today/],
  [["oprah-2008", "--set", "ladder.cap=300"], 2, /ladder\.cap is not a known key/],
  [["oprah-2008", "--set", "ladder.capKbps=99"], 2, /ladder\.capKbps must be at least 100/],
  [["oprah-2008", "--seed", "x"], 2, /whole number/],
  [["oprah-2008", "--viewers", "0"], 2, /whole number from 1/],
  [["--compare", "oprah-2008"], 2, /two scenarios or more/],
  [["oprah-2008", "--compare", "today", "today"], 2, /two of the scenarios are named today/],
  [["oprah-2008", "--seeds", "1"], 2, /whole number from 2 to 50/],
  [["--compare", "oprah-2008", "today", "--seeds", "3"], 2, /--seeds is of one scenario/],
  [["oprah-2008", "--seed", "4294967294", "--seeds", "3"], 2, /seeds from 4294967294 end at/],
  [["oprah-2008", "--viewers", "100000000"], 2, /^fullhouse: oprah-2008: 100000000 viewers at/],
  [["oprah-2008", "--set", "audience.viewerCount=90000000"], 2, /^fullhouse: .* GB of memory/],
  [["oprah-2008", "--set", "plateau.fromSec=7000"], 2, /--set plateau\.fromSec: .* must be before/],
  [["oprah-2008", "--out", "/proc/x"], 1, /^fullhouse: cannot write to \/proc\/x: /],
  [["oprah-2008", "--out", launcher], 1, /cannot write to .*fullhouse\.mjs/],
])("fullhouse simulate %j exits with %i", (args, status, words) => {
  const result = simulate(...args);
  expect(result.stdout + result.stderr).toMatch(words);
  expect(result.status).toBe(status);
});

test("an audience that is too large by its own file is the file's fault", () => {
  writeFileSync(join(folder, "giant.yaml"), "audience:\n  viewerCount: 90000000\n");
  const { status, stderr } = simulate("giant.yaml", "--set", "seed=3");
  expect(stderr).toMatch(/^fullhouse: giant: 90000000 viewers .* GB of memory/);
  expect(status).toBe(1);
});

test("a name that is taken in the folder of --out is said before the run, without a stack", () => {
  mkdirSync(join(folder, "o2/report.html"), { recursive: true });
  const { status, stdout, stderr } = simulate("oprah-2008", "--out", "o2", ...tiny);
  expect(stderr).toMatch(
    /^fullhouse: cannot write to o2\/report\.html: a folder has that name.*\n$/,
  );
  expect([status, stdout]).toEqual([1, ""]);
});

test("figures that cannot be written are still printed, and the command fails", () => {
  mkdirSync(join(folder, "full"));
  symlinkSync("/dev/full", join(folder, "full/report.html"));
  const { status, stdout, stderr } = simulate("oprah-2008", "--out", "full", ...tiny);
  expect(stdout).toMatch(/^modelled: /m);
  expect(stderr).toMatch(/\nfullhouse: cannot write to full\/report\.html: the disk is full.*\n$/);
  expect(status).toBe(1);
});

test("--seeds runs seed after seed and says how far each figure varies", () => {
  const args = ["oprah-2008", "--seed", "5", "--seeds", "3", "--out", "seeds", ...tiny];
  const { status, stdout, stderr } = simulate(...args);
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /^modelled: .* Gbps on average, ± .* Gbps \(scenario oprah-2008, seeds 5, 6, 7, commit .+\)\n/,
  );
  expect(stdout).toMatch(/^Audience +200 +0 +200 +200$/m);
  expect(stderr.match(/^Simulating oprah-2008, seed [567]: /gm)).toHaveLength(3);
  const read = (name: string): string => readFileSync(join(folder, "seeds", name), "utf8");
  const seeds = JSON.parse(read("seeds.json")) as ModelSeeds;
  expect(modelSeedsSchema.parse(seeds)).toEqual(seeds);
  expect(seeds.seeds).toEqual([5, 6, 7]);
  const gbps = seeds.reports.map(({ headline }) => headline.egressGbpsMean);
  expect(new Set(gbps).size).toBe(3);
  expect(seeds.figures.egressGbpsMean).toMatchObject({
    min: Math.min(...gbps),
    max: Math.max(...gbps),
  });
  expect(read("seed-6/report.json")).toBe(`${JSON.stringify(seeds.reports[1])}\n`);
  expect(read("seed-6/report.html")).toContain("fullhouse simulate oprah-2008 --seed 6 --viewers");
  const alone = simulate("oprah-2008", "--json", "--seed", "6", ...tiny);
  expect(alone.stdout).toBe(read("seed-6/report.json"));
  const json = simulate("oprah-2008", "--json", "--seed", "5", "--seeds", "3", ...tiny);
  expect(json.stdout).toBe(read("seeds.json"));
});

test("one viewer is not written as many", () => {
  const { stdout, stderr } = simulate("oprah-2008", ...tiny, "--viewers", "1");
  expect(stderr).toMatch(/^Simulating oprah-2008, seed 1: 1 viewer, /);
  expect(stdout + stderr).not.toMatch(/\b1 viewers/);
});

test("a file's problems come all at once, with their lines", () => {
  writeFileSync(join(folder, "bad.yaml"), "ladder:\n  capKbps: 50\ntopology:\n  edges: 0\nx: 1\n");
  const { status, stderr } = simulate("bad.yaml");
  expect(stderr).toMatch(/bad\.yaml:2: ladder\.capKbps .*\n.*bad\.yaml:4: topology\.edges/);
  expect(stderr).toContain("bad.yaml:5: x is not a known key, got 1");
  expect(status).toBe(1);
});

test("a summary says modelled with its Gbps and names scenario, seed, commit and changes", () => {
  const { status, stdout, stderr } = simulate("oprah-2008", "--seed", "5", ...tiny);
  expect(status).toBe(0);
  const line = stdout.split("\n").find((text) => text.includes("Gbps"));
  expect(line).toMatch(/^modelled: .* Gbps .*scenario oprah-2008, seed 5, commit .+\)/);
  expect(stdout).toMatch(/^changed: --viewers 200, durationSec=60, /m);
  expect(stdout).toMatch(/^ {2}Audience +200 /m);
  expect(stderr).toMatch(/^Simulating oprah-2008, seed 5: 200 viewers, 1:00/);
  expect(stderr).toMatch(/steps/);
});

test("--json is one object of the published form, the same for any number of workers", () => {
  const one = simulate("oprah-2008", "--json", "--workers", "1", ...tiny);
  const two = simulate("oprah-2008", "--json", "--workers", "2", ...tiny);
  expect(one.status).toBe(0);
  const report = modelReportSchema.parse(JSON.parse(one.stdout));
  expect(report).toMatchObject({ evidence: "modelled", scenario: "oprah-2008", seed: 1 });
  expect(report.headline).toMatchObject({ viewers: 200, edgeCount: 4 });
  expect(report.timeline).toHaveLength(30);
  expect(two.stdout).toBe(one.stdout);
});

test("--out writes report, page and what differs between equal runs into three files", () => {
  const { status, stdout } = simulate("flash-crowd", "--out", "out", "--json", ...tiny);
  expect(status).toBe(0);
  const read = (name: string): string => readFileSync(join(folder, "out", name), "utf8");
  expect(read("report.json")).toBe(stdout);
  expect(read("report.html")).toContain("500,000 viewers arrive within a minute");
  expect(read("report.html")).toContain("fullhouse simulate flash-crowd --seed 1 --viewers 200");
  const run = JSON.parse(read("run.json")) as Record<string, unknown>;
  expect(run).toMatchObject({ scenario: { name: "flash-crowd", durationSec: 60 } });
  expect(run["wallSec"]).toBeGreaterThan(0);
  expect(run["host"]).toMatchObject({ node: process.version });
  expect(stdout).not.toContain("wallSec");
});

test("--compare sets scenarios side by side, in text, JSON and on a page", () => {
  const names = ["oprah-2008", "oprah-2008-cap-300"];
  const { status, stdout } = simulate("--compare", ...names, "--out", "compared", ...tiny);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^modelled: 2 scenarios side by side \(seed 1, commit /);
  expect(stdout).toMatch(/^modelled +oprah-2008 +oprah-2008-cap-300$/m);
  const json = readFileSync(join(folder, "compared/compare.json"), "utf8");
  const comparison = modelComparisonSchema.parse(JSON.parse(json));
  expect(comparison.scenarios.map(({ scenario }) => scenario)).toEqual(names);
  expect(Object.keys(comparison.scenarios[1]!.headline.rungShare)).toEqual(["150", "300"]);
  for (const file of ["compare.html", ...names.map((name) => `${name}/report.html`)]) {
    expect(existsSync(join(folder, "compared", file)), file).toBe(true);
  }
});

test("Ctrl-C ends a run at once and says so", async () => {
  const run = spawn(process.execPath, [launcher, "simulate", "oprah-2008", "--workers", "2"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let text = "";
  run.stderr.setEncoding("utf8").on("data", (part: string) => (text += part));
  const ended = once(run, "exit");
  while (!text.includes("modelled ")) await once(run.stderr, "data");
  const startMs = performance.now();
  run.kill("SIGINT");
  expect(await ended).toEqual([130, null]);
  expect(performance.now() - startMs).toBeLessThan(3_000);
  expect(text).toContain("interrupted");
});
