/** Whether this machine and its limits let a load test be as large as was asked for. */
import { AppError } from "../../src/base/errors.ts";
import type { Scenario } from "../../src/config/schema-scenario.ts";
import { connectionCountCeiling } from "../links/plan.ts";
import { openFilesMax } from "./process-usage.ts";

/** Of a program itself: logs, pipes, ports. */
const ownFiles = 200;
/** Of the emulator, for connections that are not closed yet. */
const spareRatio = 1.1;

/** Most viewers, without emulated lines, that a program with so many files open at the most serves. */
export function viewerCountCeiling(openFiles: number): number {
  return openFiles - ownFiles;
}

/** Throws an AppError that says what to raise or to take less of; before anything is started. */
export function requireCapacity(
  scenario: Scenario,
  { openFiles = openFilesMax() }: { openFiles?: number } = {},
): void {
  if (process.platform !== "linux") {
    throw new AppError(
      "PLATFORM_UNSUPPORTED",
      `fullhouse loadtest reads /proc and runs on Linux, not on ${process.platform}`,
    );
  }
  const { viewerCount, validationCounts, linkClassCount } = scenario.wire;
  const most = Math.max(viewerCount, ...validationCounts);
  const isEmulated = linkClassCount > 0;
  const emulatedMax = Math.floor(connectionCountCeiling / spareRatio) - 50;
  if (isEmulated && most > emulatedMax) {
    throw new AppError(
      "LIMIT_TOO_LOW",
      `${most} viewers are more than the emulator of lines carries (${emulatedMax}): take fewer, ` +
        `or --set wire.linkClassCount=0 for viewers with all that the machine gives`,
    );
  }
  const needed = Math.ceil((isEmulated ? 2 * spareRatio : 1) * most) + ownFiles;
  if (needed <= openFiles) return;
  throw new AppError(
    "LIMIT_TOO_LOW",
    `${most} viewers need ${needed} open files a program, and this shell allows ${openFiles}: ` +
      `type ulimit -n ${needed} (as root, or with a higher hard limit), or take fewer viewers`,
  );
}
