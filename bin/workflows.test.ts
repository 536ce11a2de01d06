/** What the workflows of continuous integration name exists here: scripts, versions, files. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { inputsFileName } from "../loadtest/wire/load-test.ts";
import { k6Version } from "../loadtest/k6/build/build.mjs";

const root = join(import.meta.dirname, "..");
const folder = join(root, ".github/workflows");

interface Step {
  name?: string;
  uses?: string;
  run?: string;
  if?: string;
  with?: Record<string, unknown>;
}
interface Workflow {
  on: Record<string, unknown>;
  permissions?: Record<string, string>;
  jobs: Record<string, { "timeout-minutes"?: number; steps: Step[] }>;
}

const read = (name: string): Workflow =>
  parse(readFileSync(join(folder, name), "utf8")) as Workflow;
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};
const stepsOf = (name: string): Step[] =>
  Object.values(read(name).jobs).flatMap(({ steps }) => steps);
const steps = stepsOf("loadtest.yml");
const indexOf = (matches: (step: Step) => boolean): number => steps.findIndex(matches);
const using = (action: string): number =>
  indexOf(({ uses }) => uses?.startsWith(`${action}@`) === true);
const running = (words: string): number => indexOf(({ run }) => run?.includes(words) === true);

test.each(readdirSync(folder))("%s runs npm scripts that exist, and ends by itself", (name) => {
  const named = stepsOf(name).flatMap(({ run = "" }) => [...run.matchAll(/npm run ([\w:-]+)/g)]);
  for (const [, script] of named) expect(scripts).toHaveProperty([script!]);
  for (const job of Object.values(read(name).jobs)) {
    expect(job["timeout-minutes"]).toBeGreaterThan(0);
  }
});

test.each(readdirSync(folder))("%s names the version of each action", (name) => {
  const uses = stepsOf(name).flatMap((step) => step.uses ?? []);
  expect(uses.filter((action) => !/@v\d+$/.test(action))).toEqual([]);
});

test("the load test runs for every pull request and when somebody asks, and may only read", () => {
  const { on, permissions } = read("loadtest.yml");
  expect(Object.keys(on).sort()).toEqual(["pull_request", "workflow_dispatch"]);
  expect(permissions).toEqual({ contents: "read" });
});

test("the load test has its tools before it runs, and k6 in the version of this repository", () => {
  const order = [
    using("actions/checkout"),
    using("actions/setup-node"),
    using("grafana/setup-k6-action"),
    running("ffmpeg"),
    running("npm ci"),
    running("npm run loadtest:ci"),
    using("actions/upload-artifact"),
  ];
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(order[0]).toBe(0);
  expect(steps[using("grafana/setup-k6-action")]!.with).toEqual({ "k6-version": k6Version });
  expect(steps[using("actions/setup-node")]!.with).toMatchObject({ cache: "npm" });
});

test("the load test's files are kept however it ends, from the folder that it writes", () => {
  const upload = steps[using("actions/upload-artifact")]!;
  const out = /--out (\S+)/.exec(scripts["loadtest:ci"]!)![1]!;
  expect(upload.if).toBe("always()");
  const kept = String(upload.with?.["path"]).trim().split("\n");
  const written = ["report.html", "report.json", "summary.txt", inputsFileName];
  expect(kept).toEqual(written.map((name) => `${out}/${name}`));
  // The action leaves out what lies in a folder such as .cache, unless it is told.
  expect(upload.with?.["include-hidden-files"]).toBe(out.startsWith("."));
});

test("the load test is held to the budgets of the repository", () => {
  const file = /--budgets (\S+)/.exec(scripts["loadtest:ci"]!)![1]!;
  const budgets = JSON.parse(readFileSync(join(root, file), "utf8")) as Record<string, unknown>;
  expect(Object.keys(budgets).length).toBeGreaterThan(0);
});
