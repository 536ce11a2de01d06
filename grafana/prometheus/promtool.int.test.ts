/** What Prometheus itself says of the shipped configuration, rules and their tests. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const shipped = import.meta.dirname;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fullhouse-promtool-"));
  for (const name of readdirSync(shipped).filter((entry) => !entry.endsWith(".ts"))) {
    cpSync(join(shipped, name), join(folder, name), { recursive: true });
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

function promtool(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr, error } = spawnSync("promtool", args, {
    cwd: folder,
    encoding: "utf8",
  });
  if (error !== undefined) throw new Error(`promtool: ${error.message}; node bin/setup.mjs test`);
  return { status, output: stdout + stderr };
}

function inFolder(name: string): string[] {
  return readdirSync(join(folder, name)).map((file) => join(name, file));
}

test("the configurations for one machine and for many are valid", () => {
  writeFileSync(join(folder, "admin-token"), "token\n");
  for (const file of ["prometheus.yml", "prometheus.fleet.yml"]) {
    const { status, output } = promtool("check", "config", file);
    expect(output).toContain("SUCCESS: 2 rule files found");
    expect(status, output).toBe(0);
  }
});

test("the rules are valid", () => {
  const { status, output } = promtool("check", "rules", ...inFolder("rules"));
  expect(status, output).toBe(0);
});

test("the rules make of recorded series what their tests say", () => {
  const { status, output } = promtool("test", "rules", ...inFolder("tests"));
  expect(status, output).toBe(0);
});

test("a rule that is broken fails its test", () => {
  const path = join(folder, "rules/alerts.yml");
  const rules = readFileSync(path, "utf8");
  const broken = rules.replace('max by (tier, node, instance) (up{job="edge"}) == 0', "up == 1");
  expect(broken).not.toBe(rules);
  writeFileSync(path, broken);
  const { status, output } = promtool("test", "rules", ...inFolder("tests"));
  writeFileSync(path, rules);
  expect(output).toContain("alertname: EdgeDown");
  expect(status).toBe(1);
});
