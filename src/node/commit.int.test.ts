import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { commitOf } from "./commit.ts";

const folder = mkdtempSync(join(tmpdir(), "fullhouse-commit-"));
afterAll(() => rmSync(folder, { recursive: true }));

const identity = ["-c", "user.name=a", "-c", "user.email=a@b.example"];

test("a checkout is named by its commit, an installed package by its version", () => {
  writeFileSync(join(folder, "package.json"), '{"version":"1.2.3"}');
  execFileSync("git", ["init", "-q"], { cwd: folder });
  execFileSync("git", ["add", "."], { cwd: folder });
  execFileSync("git", [...identity, "commit", "-q", "-m", "first"], { cwd: folder });
  expect(commitOf(folder)).toMatch(/^[0-9a-f]{12}$/);
  writeFileSync(join(folder, "package.json"), '{"version":"1.2.4"}');
  expect(commitOf(folder)).toMatch(/^[0-9a-f]{12}-dirty$/);

  const installed = join(folder, "node_modules/fullhouse");
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, "package.json"), '{"version":"0.1.0"}');
  expect(commitOf(installed)).toBe("version 0.1.0");
});
