/** Bounds that follow from the feed under test. */
import { expect, test } from "vitest";
import { scenarioOf } from "../../src/sim/testing/scenario-of.ts";
import { wireRunOf } from "../wire/run-wire.ts";
import { probeSetup } from "../wire/wire-setup.ts";
import { wireThresholds } from "./scripts/wire-thresholds.ts";

test.each([
  [undefined, "p(99)<6"],
  [4_000, "p(99)<6"],
  [10_000, "p(99)<15"],
])("with a target duration of %s ms a playlist's age is bound by %s", (targetDurationMs, bound) => {
  const scenario = scenarioOf({ wire: { linkClassCount: 0 } });
  const target = { feed: "main", edgeUrls: ["http://edge"], targetDurationMs };
  const setup = probeSetup(scenario);
  const run = wireRunOf({ scenario, setup, target, targets: undefined });
  expect(wireThresholds(run)["viewer_playlist_age_seconds"]).toEqual([bound]);
});
