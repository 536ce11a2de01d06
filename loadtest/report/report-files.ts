/**
 * Writes what a run came to: `report.json` and `report.html` hold nothing that differs between equal
 * runs; what does (time, machine) goes to `run.json`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../src/base/errors.ts";
import type { ModelComparison, ModelReport } from "../../src/config/schema-model-report.ts";
import { htmlComparison } from "./html-comparison.ts";
import { htmlReport } from "./html-report.ts";
import type { RunCommand } from "./run-command.ts";

/** A report as it is printed and written: one line, byte for byte the same for equal runs. */
export function jsonLine(report: ModelReport | ModelComparison): string {
  return `${JSON.stringify(report)}\n`;
}

/** Makes the folder, so that a run of minutes does not end at one that cannot be written to. */
export function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new AppError("STATE_UNUSABLE", `cannot write to ${folder}: ${String(error)}`, error);
  }
}

/** Writes a run's files; gives the path of the page. */
export function writeReport(
  folder: string,
  run: { report: ModelReport; command: RunCommand; facts: unknown },
): string {
  const page = join(folder, "report.html");
  prepareFolder(folder);
  writeFileSync(join(folder, "report.json"), jsonLine(run.report));
  writeFileSync(page, htmlReport(run.report, run.command));
  writeFileSync(join(folder, "run.json"), `${JSON.stringify(run.facts, null, 2)}\n`);
  return page;
}

/** Writes a comparison's files; gives the path of the page. */
export function writeComparison(
  folder: string,
  { comparison, command }: { comparison: ModelComparison; command: RunCommand },
): string {
  const page = join(folder, "compare.html");
  prepareFolder(folder);
  writeFileSync(join(folder, "compare.json"), jsonLine(comparison));
  writeFileSync(page, htmlComparison(comparison.scenarios, command));
  return page;
}
