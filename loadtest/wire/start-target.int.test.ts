/** A broadcast that is interrupted while it comes up is gone soon, and so is all that it started. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { scenarioOf } from "../../src/sim/testing/scenario-of.ts";
import { descendantsOf } from "./process-usage.ts";
import { startTarget } from "./run-target.ts";

const scenario = scenarioOf({ wire: { edges: 1 } });
/** Of two seconds that are allowed, and a broadcast takes to come up. */
const stopMsMax = 1_200;

/** A folder for all that is written, so that what is left can be seen. */
function ownFolder(variable: "TMPDIR" | "XDG_CACHE_HOME"): string {
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-interrupted-"));
  vi.stubEnv(variable, folder);
  return folder;
}

test.each([
  ["its recording is made", "Recording", true],
  ["its programs start", "Starting", false],
])("an abort while %s ends it within 2 s with nothing left", async (_, words, isRecorded) => {
  const cache = isRecorded ? ownFolder("XDG_CACHE_HOME") : "";
  const temporary = ownFolder("TMPDIR");
  const before = new Set(descendantsOf(process.pid).map(({ pid }) => pid));
  const own = (): unknown[] => descendantsOf(process.pid).filter(({ pid }) => !before.has(pid));
  const controller = new AbortController();
  let abortedMs = 0;
  const abort = (): void => {
    abortedMs = performance.now();
    controller.abort(new Error("interrupted"));
  };
  try {
    const started = startTarget(scenario, {
      say: (line) => {
        // Programs are up by then, and say nothing yet.
        if (line.startsWith(words)) setTimeout(abort, 700);
      },
      signal: controller.signal,
    });
    await expect(started).rejects.toThrow("interrupted");
    expect(performance.now() - abortedMs).toBeLessThan(stopMsMax);
    expect(own()).toEqual([]);
    expect(readdirSync(temporary).filter((name) => name.startsWith("fullhouse-"))).toEqual([]);
    if (isRecorded) expect(readdirSync(join(cache, "fullhouse/recordings"))).toEqual([]);
  } finally {
    vi.unstubAllEnvs();
    for (const folder of [cache, temporary]) if (folder !== "") rmSync(folder, { recursive: true });
  }
});
