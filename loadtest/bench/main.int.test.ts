import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

function bench(...args: string[]) {
  const main = join(import.meta.dirname, "main.ts");
  return spawnSync(process.execPath, ["--import", "tsx", main, ...args], { encoding: "utf8" });
}

test.each([
  ["no name", [], "usage: npm run bench -- NAME"],
  ["a name that is no benchmark", ["nope"], 'there is no benchmark "nope"'],
  ["a file that only supports benchmarks", ["main"], 'there is no benchmark "main"'],
  ["rounds that are no number", ["edge", "--rounds", "x"], "--rounds wants a number"],
  ["an option it does not know", ["edge", "--fast"], "--fast"],
])("%s is wrong usage, and the answer lists the benchmarks", (_what, args, message) => {
  const { status, stderr } = bench(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/NAME: .*\bedge\b/);
});
