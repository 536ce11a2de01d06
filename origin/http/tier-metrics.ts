/** The tier port's metrics: counted in slots of typed arrays, read at each scrape. */
import { originMetrics } from "../../src/metrics/origin.ts";
import type { Metrics } from "../../src/node/metrics.ts";
import type { TierServerHooks } from "../../src/node/tier-server.ts";
import { tierKinds, tierStatuses } from "./tier-reply.ts";
import type { TierTreeMetrics } from "./tier-tree.ts";

const cutOffReasons = ["connectionCountMax", "stalled"] as const;

export function tierTreeMetrics(
  metrics: Metrics,
  sources: { heldCount: () => number },
): TierTreeMetrics & TierServerHooks {
  const answers = tierKinds.flatMap((kind) => tierStatuses.map((status) => ({ kind, status })));
  const answerCounts = new Float64Array(answers.length);
  const sentBytes = new Float64Array(tierKinds.length);
  const cutOffCounts = new Float64Array(cutOffReasons.length);
  let heldLimitCount = 0;
  metrics.totals(
    originMetrics.tierResponses,
    answers.map(({ kind, status }) => ({ kind, status: String(status) })),
    (slot) => answerCounts[slot]!,
  );
  metrics.totals(
    originMetrics.tierSent,
    tierKinds.map((kind) => ({ kind })),
    (slot) => sentBytes[slot]!,
  );
  metrics.totals(originMetrics.tierHeld, [{}], () => sources.heldCount());
  metrics.totals(originMetrics.tierHeldLimits, [{}], () => heldLimitCount);
  metrics.totals(
    originMetrics.tierCutOff,
    cutOffReasons.map((reason) => ({ reason })),
    (slot) => cutOffCounts[slot]!,
  );
  return {
    replied: (kind, status, bodyBytes) => {
      const kindAt = tierKinds.indexOf(kind);
      answerCounts[kindAt * tierStatuses.length + tierStatuses.indexOf(status)]! += 1;
      sentBytes[kindAt]! += bodyBytes;
    },
    heldLimited: () => (heldLimitCount += 1),
    connectionRefused: () => (cutOffCounts[0]! += 1),
    responseStalled: () => (cutOffCounts[1]! += 1),
  };
}
