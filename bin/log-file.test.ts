import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LogFile } from "./log-file.ts";

test("a folder that cannot be made is one clear line", () => {
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-log-"));
  const inTheWay = join(folder, "prometheus");
  writeFileSync(inTheWay, "");
  expect(() => new LogFile(join(inTheWay, "prometheus.log"))).toThrow(
    /^cannot write to .*prometheus: a file is where a folder is needed .*--state$/,
  );
  rmSync(folder, { recursive: true });
});

test("a log that cannot be written loses lines, says so once, and goes on when it can", () => {
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-log-"));
  const path = join(folder, "origin.log");
  const log = new LogFile(path);
  // A folder in its place: no user may append to that, unlike a file without permissions.
  mkdirSync(path);
  expect(log.append("lost")).toMatch(/EISDIR/);
  expect(log.append("lost too")).toBeUndefined();
  rmSync(path, { recursive: true });
  expect(log.append("kept")).toBeUndefined();
  expect(readFileSync(path, "utf8")).toBe("kept\n");
  rmSync(folder, { recursive: true });
});
