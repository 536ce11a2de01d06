/** A run of real viewers that is interrupted while it starts. */
import { expect, test } from "vitest";
import { scenarioOf } from "../../src/sim/testing/scenario-of.ts";
import { foreignTarget } from "./run-target.ts";
import { runWire } from "./run-wire.ts";
import { probeSetup } from "./wire-setup.ts";

/** Started, it would fail with other words than an interrupted run. */
const noK6 = "/nowhere/k6";

test.each(["before", "while"])("an abort %s it starts ends it without a k6", async (when) => {
  const scenario = scenarioOf({ wire: { linkClassCount: 0, viewerCount: 10 } });
  const controller = new AbortController();
  const interrupt = (): void => controller.abort(new Error("interrupted"));
  if (when === "before") interrupt();
  const run = runWire({
    k6: noK6,
    script: "wire.js",
    scenario,
    setup: probeSetup(scenario),
    target: foreignTarget("http://127.0.0.1:9", scenario.wire),
    signal: controller.signal,
  });
  interrupt();
  await expect(run).rejects.toThrow("interrupted");
});
