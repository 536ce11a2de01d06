/** What a viewer takes in the real k6: what its virtual user keeps, after a collection of Go's. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startScriptedOrigin } from "../peers/scripted-origin.ts";
import { freePort } from "../wire/free-port.ts";
import { startK6 } from "../wire/k6-process.ts";
import { findOrBuildK6 } from "./find-or-build-k6.ts";
import { k6Entry } from "./k6-entry.ts";
import { madeWireRun } from "./testing/made-wire-run.ts";

const viewerCount = 500;
/**
 * 352 kB on 2026-11-28: 77 for a VU of an empty script, 2.7 for each of 22 metrics, 30 for the columns
 * of src/viewer, 18 for k6/http, the rest for functions; k6's own 15 MB come to 30 a viewer. File by
 * file instead of in one piece it is 500.
 */
const liveBytesMax = 390_000;

test(
  "a viewer's virtual user keeps no more than it needs",
  { timeout: 300_000 },
  async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "fullhouse-k6-memory-"));
    context.onTestFinished(() => rmSync(folder, { recursive: true }));
    const origin = await startScriptedOrigin({
      feed: "main",
      rungs: [{ kbps: 150, width: 320, height: 180 }],
      segmentDurationMs: 4_000,
    });
    context.onTestFinished(() => origin.close());
    const run = madeWireRun({
      targets: [[origin.url]],
      viewerCount,
      durationSec: 40,
      startGraceSec: 0,
      startLeavePerSecRatio: 0,
      sampleEvery: 0,
      judgedBy: "edges",
    });
    const apiPort = await freePort();
    const k6 = startK6(await findOrBuildK6(console.error), {
      script: await k6Entry("wire", { folder }),
      variables: { WIRE: JSON.stringify(run) },
      apiPort,
      args: ["--profiling-enabled", "--no-thresholds"],
    });
    try {
      await expect
        .poll(() => k6.counted("viewer_joins"), { timeout: 30_000, interval: 200 })
        .toBe(viewerCount);
      const url = `http://127.0.0.1:${apiPort}/debug/pprof/heap?gc=1&debug=1`;
      // What Go keeps for another use goes with the second collection.
      await (await fetch(url)).text();
      const heap = await (await fetch(url)).text();
      const liveBytes = Number(/^# HeapAlloc = (\d+)$/m.exec(heap)?.[1]) / viewerCount;
      console.log(`measured: ${Math.round(liveBytes / 1000)} kB a viewer`);
      expect(liveBytes).toBeGreaterThan(50_000);
      expect(liveBytes).toBeLessThan(liveBytesMax);
    } finally {
      k6.stop();
      await k6.ended.catch(() => undefined);
    }
  },
);
