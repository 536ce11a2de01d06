/** The run of real viewers that a scenario makes at edges of one's own. Pure. */
import type { Scenario } from "../../../src/config/schema-scenario.ts";
import { wireRunOf } from "../../wire/run-wire.ts";
import { probeSetup } from "../../wire/wire-setup.ts";
import type { WireRun } from "../scripts/wire-run.ts";

/**
 * Its arrivals, churn and players, in its time over wire.timeRatio. Lines are not emulated: past one
 * machine the network is what there is.
 */
export function plannedRun(
  scenario: Scenario,
  target: { feed: string; edgeUrls: readonly string[]; viewerCount: number },
): WireRun {
  const { feed, edgeUrls, viewerCount } = target;
  const setup = { ...probeSetup(scenario), viewerCount, links: [], rttMs: 0, sharedEdgeKbps: null };
  return wireRunOf({ scenario, setup, target: { feed, edgeUrls }, targets: undefined });
}
