/** The tier port's instruments: counted in numbers, copied into the registry at each scrape. */
import { originMetrics } from "../../src/metrics/origin.ts";
import type { Metrics } from "../../src/node/metrics.ts";
import type { TierServerHooks } from "../../src/node/tier-server.ts";
import type { TierTreeMetrics } from "./tier-tree.ts";

export function tierTreeMetrics(
  metrics: Metrics,
  sources: { heldCount: () => number },
): TierTreeMetrics & TierServerHooks {
  const responses = metrics.counter(originMetrics.tierResponses);
  const sent = metrics.counter(originMetrics.tierSent);
  const held = metrics.gauge(originMetrics.tierHeld);
  const limits = metrics.counter(originMetrics.tierHeldLimits);
  const counts = new Map<string, { labels: { kind: string; status: string }; count: number }>();
  const bytes = new Map<string, number>();
  metrics.onCollect(() => {
    held.set(sources.heldCount());
    for (const entry of counts.values()) {
      responses.add(entry.count, entry.labels);
      entry.count = 0;
    }
    for (const [kind, byteCount] of bytes) {
      sent.add(byteCount, { kind });
      bytes.set(kind, 0);
    }
  });
  limits.add(0);
  const cutOff = metrics.counter(originMetrics.tierCutOff);
  cutOff.add(0, { reason: "connectionCountMax" });
  cutOff.add(0, { reason: "stalled" });
  return {
    replied: (kind, status, bodyBytes) => {
      const key = `${kind} ${status}`;
      const entry = counts.get(key);
      if (entry === undefined) {
        counts.set(key, { labels: { kind, status: String(status) }, count: 1 });
      } else {
        entry.count += 1;
      }
      bytes.set(kind, (bytes.get(kind) ?? 0) + bodyBytes);
    },
    heldLimited: () => limits.add(1),
    connectionRefused: () => cutOff.add(1, { reason: "connectionCountMax" }),
    responseStalled: () => cutOff.add(1, { reason: "stalled" }),
  };
}
