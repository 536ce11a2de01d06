/** `fullhouse simulate --replay`: a recorded night from the command line. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { modelReportSchema } from "../src/config/schema-model-report.ts";
import { scenarioOf } from "../src/sim/testing/scenario-of.ts";

const launcher = join(import.meta.dirname, "fullhouse.mjs");
const folder = mkdtempSync(join(tmpdir(), "fullhouse-replay-"));
afterAll(() => rmSync(folder, { recursive: true }));

const recorded = {
  version: 1,
  commit: "another",
  scenario: scenarioOf({
    name: "recorded",
    durationSec: 60,
    plateau: { fromSec: 20, toSec: 60 },
    audience: { viewerCount: 400, arrivals: [{ atSec: 0, ratio: 1 }] },
    topology: { edges: 4 },
  }),
  capsKbps: [],
  inputs: [
    { kind: "join", count: 100, atUs: 4_000_000 },
    { kind: "cap", capKbps: 300, atUs: 30_000_000 },
  ],
  endedUs: 50_000_000,
};
writeFileSync(join(folder, "inputs.json"), JSON.stringify(recorded));

function simulate(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, "simulate", ...args], {
    cwd: folder,
    encoding: "utf8",
    timeout: 50_000,
  });
  return { status, stdout, stderr };
}

test.each([
  [["oprah-2008"], "the scenario oprah-2008"],
  [["--seed", "2"], "--seed"],
  [["--seeds", "2"], "--seeds"],
  [["--viewers", "5"], "--viewers"],
  [["--compare", "today"], "--compare"],
  [["--set", "seed=2"], "--set"],
  [["today", "--set", "seed=2", "--seed", "2"], "the scenario today, --set, --seed"],
])("--replay with %j is wrong usage", (args, named) => {
  const { status, stderr } = simulate(...args, "--replay", "inputs.json");
  expect(stderr).toMatch(new RegExp(`^fullhouse: --replay runs .*: leave out ${named}\n$`));
  expect(status).toBe(2);
});

test("a file that cannot be replayed is an operating error with its problems", () => {
  writeFileSync(join(folder, "newer.json"), JSON.stringify({ ...recorded, version: 2 }));
  const newer = simulate("--replay", "newer.json");
  expect(newer.stderr).toMatch(
    /^fullhouse: newer\.json cannot be replayed: \n {2}version must be 1/,
  );
  expect(newer.status).toBe(1);
  expect(simulate("--replay", "none.json")).toMatchObject({
    status: 1,
    stderr: "fullhouse: none.json cannot be replayed: it does not exist\n",
  });
});

test("a recorded night is run as it was told, reported as any, and names how it was asked for", () => {
  const { status, stdout, stderr } = simulate("--replay", "inputs.json", "--out", "out", "--json");
  expect(status, stderr).toBe(0);
  const report = modelReportSchema.parse(JSON.parse(stdout));
  expect(report.timeline).toHaveLength(25);
  expect(report.timeline[1]!.viewers).toBe(0);
  expect(report.timeline[2]!.viewers).toBe(100);
  expect(report.events).toEqual([{ tSec: 30, kind: "cap", capKbps: 300 }]);
  expect(stderr).toMatch(/^Recorded by commit another, run again by .*: figures may differ\.$/m);
  const read = (name: string): string => readFileSync(join(folder, "out", name), "utf8");
  expect(read("report.json")).toBe(stdout);
  expect(read("report.html")).toContain("fullhouse simulate --replay inputs.json");
  const text = simulate("--replay", "inputs.json", "--workers", "1");
  expect(text.stdout).toMatch(/^modelled: .* \(scenario recorded, seed 1, commit .+\)$/m);
  expect(text.stdout).not.toContain("changed:");
});
