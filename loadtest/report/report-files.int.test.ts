import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { AppError } from "../../src/base/errors.ts";
import { prepareFolder, writeComparison, writeReport, writeSeeds } from "./report-files.ts";
import { modelSeedsOf } from "./seed-figures.ts";
import { madeCommand, madeReport } from "./testing/made-report.ts";

const root = mkdtempSync(join(tmpdir(), "fullhouse-report-files-"));
afterAll(() => rmSync(root, { recursive: true }));

function refusalOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.code).toBe("STATE_UNUSABLE");
    return error.message.replaceAll(`${root}/`, "");
  }
  throw new Error("nothing was refused");
}

const run = { report: madeReport(), command: madeCommand, facts: { wallSec: 1 } };

test("a folder is made with all those above it, and nothing is left in it", () => {
  const folder = join(root, "a/b/c");
  prepareFolder(folder, "report");
  expect(readdirSync(folder)).toEqual([]);
  expect(writeReport(folder, run)).toBe(join(folder, "report.html"));
  const before = readFileSync(join(folder, "report.json"), "utf8");
  prepareFolder(folder, "report");
  expect(readFileSync(join(folder, "report.json"), "utf8")).toBe(before);
  expect(readdirSync(folder).sort()).toEqual(["report.html", "report.json", "run.json"]);
});

test("what stands in the way is found before the run", () => {
  const folder = join(root, "taken");
  mkdirSync(join(folder, "report.html"), { recursive: true });
  mkdirSync(join(folder, "seeds.json"));
  const words =
    "cannot write to taken/report.html: a folder has that name (EISDIR); move it away, or choose another folder with --out";
  expect(refusalOf(() => prepareFolder(folder, "report"))).toBe(words);
  expect(refusalOf(() => prepareFolder(folder, "seeds"))).toContain("taken/seeds.json: a folder");
  prepareFolder(folder, "comparison");
  expect(refusalOf(() => writeReport(folder, run))).toBe(words);
  writeFileSync(join(root, "file"), "");
  expect(refusalOf(() => prepareFolder(join(root, "file"), "report"))).toMatch(
    /^cannot write to file: a file is where a folder is needed \(ENOTDIR\); move it away, or/,
  );
  expect(refusalOf(() => prepareFolder(join(root, "file/below"), "report"))).toContain("ENOTDIR");
});

test("a folder that cannot be made is refused at once: in /proc there are no new ones", () => {
  for (const folder of ["/proc/x", "/proc/x/y/z"]) {
    expect(refusalOf(() => prepareFolder(folder, "report"))).toMatch(
      new RegExp(`^cannot write to ${folder}: .*\\((ENOENT|EACCES)\\); .*or choose another folder`),
    );
    expect(existsSync(folder)).toBe(false);
  }
});

test("a disk that is full after the run is said with what to do", () => {
  const folder = join(root, "full");
  mkdirSync(folder);
  for (const name of ["run.json", "compare.html", "seeds.json"]) {
    symlinkSync("/dev/full", join(folder, name));
  }
  const reports = [madeReport(), madeReport({ scenario: "two" })];
  const comparison = { evidence: "modelled" as const, version: 1 as const, scenarios: reports };
  for (const [name, write] of [
    ["run.json", () => writeReport(folder, run)],
    ["compare.html", () => writeComparison(folder, { comparison, command: madeCommand })],
    ["seeds.json", () => writeSeeds(folder, modelSeedsOf(reports))],
  ] as const) {
    expect(refusalOf(write)).toBe(
      `cannot write to full/${name}: the disk is full (ENOSPC); free space, or choose another folder with --out`,
    );
  }
});
