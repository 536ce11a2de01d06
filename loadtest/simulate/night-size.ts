/** What a night takes, and how many threads it is dealt to. */
import { AppError } from "../../src/base/errors.ts";
import type { Scenario } from "../../src/config/schema-scenario.ts";
import { planOf, type Driving, type SimPlan } from "../../src/sim/plan.ts";
import { nightBytes } from "../../src/sim/simulation.ts";

/** Columns of about eleven million simulated viewers; past it a sample says as much. */
const memoryBytesMax = 2 ** 32;

/**
 * How a night is laid out. Throws an AppError for one whose columns would take more memory than is
 * sensible: USAGE where an option made it that large.
 */
export function refuseGiants(
  scenario: Scenario,
  workerCount: number,
  { byOption = false, driving }: { byOption?: boolean; driving?: Driving | undefined } = {},
): { plan: SimPlan; shardCount: number; byteCount: number } {
  const plan = planOf(scenario, driving);
  const shardCount = Math.max(1, Math.min(workerCount, plan.edgeCount));
  const byteCount = nightBytes(plan, shardCount);
  if (byteCount <= memoryBytesMax) return { plan, shardCount, byteCount };
  const { viewerCount, sampleWeight } = scenario.audience;
  const enough = Math.ceil((sampleWeight * byteCount) / memoryBytesMax);
  throw new AppError(
    byOption ? "USAGE" : "CONFIG_INVALID",
    `${scenario.name}: ${viewerCount} viewers at sampleWeight ${sampleWeight} on ` +
      `${scenario.topology.edges} edges would take ${(byteCount / 1e9).toFixed(1)} GB of memory; ` +
      `set audience.sampleWeight to ${enough} or more, or fewer edges`,
  );
}
