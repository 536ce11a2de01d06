/**
 * Writes what a run came to. Of a model run `report.json` and `report.html` hold nothing that differs
 * between equal runs; what does (time, machine) goes to `run.json`. What cannot be written is an AppError,
 * STATE_UNUSABLE, that says what to do.
 */
import { closeSync, existsSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KneeReport } from "../../src/config/schema-knee-report.ts";
import { loadReportSchema, type LoadReport } from "../../src/config/schema-load-report.ts";
import type {
  ModelComparison,
  ModelReport,
  ModelSeeds,
} from "../../src/config/schema-model-report.ts";
import { attemptWrite, makeFolder } from "../../src/node/make-folder.ts";
import { htmlComparison } from "./html-comparison.ts";
import { htmlReport } from "./html-report.ts";
import { loadHtmlReport } from "./load-html-report.ts";
import { loadTextSummary } from "./load-text-summary.ts";
import type { RunCommand } from "./run-command.ts";

/** What a folder is for, and the files that it gets. */
export const folderFiles = {
  report: ["report.json", "report.html", "run.json"],
  comparison: ["compare.json", "compare.html"],
  seeds: ["seeds.json"],
  load: ["report.json", "report.html", "summary.txt"],
  knee: ["knee.json", "knee.txt"],
} as const;

/** A report as it is printed and written: one line, byte for byte the same for equal runs. */
export function jsonLine(
  report: ModelReport | ModelComparison | ModelSeeds | LoadReport | KneeReport,
): string {
  return `${JSON.stringify(report)}\n`;
}

/**
 * Makes the folder and writes to it, so that a run of minutes does not end at one that cannot be
 * written to. Files of an earlier run stay as they are.
 */
export function prepareFolder(folder: string, kind: keyof typeof folderFiles): void {
  attempt(folder, () => {
    makeFolder(folder);
    const probe = join(folder, `.fullhouse-${process.pid}`);
    writeFileSync(probe, "x");
    rmSync(probe);
  });
  for (const path of folderFiles[kind].map((name) => join(folder, name))) {
    if (existsSync(path)) attempt(path, () => closeSync(openSync(path, "r+")));
  }
}

/** Writes a run's files; gives the path of the page. */
export function writeReport(
  folder: string,
  run: { report: ModelReport; command: RunCommand; facts: unknown },
): string {
  const [json, page, facts] = folderFiles.report;
  return writeFiles(folder, [
    [page, htmlReport(run.report, run.command)],
    [json, jsonLine(run.report)],
    [facts, `${JSON.stringify(run.facts, null, 2)}\n`],
  ]);
}

/** Writes a comparison's files; gives the path of the page. */
export function writeComparison(
  folder: string,
  { comparison, command }: { comparison: ModelComparison; command: RunCommand },
): string {
  const [json, page] = folderFiles.comparison;
  return writeFiles(folder, [
    [page, htmlComparison(comparison.scenarios, command)],
    [json, jsonLine(comparison)],
  ]);
}

/** Writes what the runs of several seeds came to together; gives the path of the file. */
export function writeSeeds(folder: string, seeds: ModelSeeds): string {
  return writeFiles(folder, [[folderFiles.seeds[0], jsonLine(seeds)]]);
}

/**
 * Writes a load test's files; gives the path of the page. A report that contradicts itself is a bug:
 * it is written all the same, because the run took minutes, and then thrown.
 */
export function writeLoadReport(folder: string, report: LoadReport): string {
  const [json, page, summary] = folderFiles.load;
  const path = writeFiles(folder, [
    [page, loadHtmlReport(report)],
    [json, jsonLine(report)],
    [summary, loadTextSummary(report)],
  ]);
  loadReportSchema.parse(report);
  return path;
}

/** Writes what a search for the knee came to, and its text; gives the path of the report. */
export function writeKneeReport(
  folder: string,
  { report, text }: { report: KneeReport; text: string },
): string {
  const [json, words] = folderFiles.knee;
  return writeFiles(folder, [
    [json, jsonLine(report)],
    [words, text],
  ]);
}

/** Gives the path of the first of the files. */
function writeFiles(folder: string, files: readonly (readonly [string, string])[]): string {
  attempt(folder, () => makeFolder(folder));
  const paths = files.map(([name, text]) => {
    const path = join(folder, name);
    attempt(path, () => writeFileSync(path, text));
    return path;
  });
  return paths[0]!;
}

function attempt(path: string, write: () => void): void {
  attemptWrite(path, "choose another folder with --out", write);
}
