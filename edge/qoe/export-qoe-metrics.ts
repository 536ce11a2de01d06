/** Exposes what an edge added up of its pages' beacons. */
import { qoeMetrics } from "../../src/metrics/qoe.ts";
import type { Metrics } from "../../src/node/metrics.ts";
import { faces } from "../player/page/state/player-state.ts";
import { qoeRefusals, type QoeIntake } from "./qoe-intake.ts";

export function exportQoeMetrics(metrics: Metrics, intake: QoeIntake): void {
  const { sums, refused, sessions } = intake;
  metrics.totals(qoeMetrics.beacons, [{}], () => intake.takenCount);
  metrics.totals(
    qoeMetrics.refused,
    qoeRefusals.map((reason) => ({ reason })),
    (index) => refused[qoeRefusals[index]!],
  );
  metrics.readings(qoeMetrics.sessions, () => {
    const counts = sessions.countsByFace();
    return faces.map((face, index) => ({ labels: { face }, value: counts[index]! }));
  });
  metrics.totals(qoeMetrics.playSeconds, [{}], () => sums.playedMs / 1_000);
  metrics.totals(qoeMetrics.stallSeconds, [{}], () => sums.stalledMs / 1_000);
  metrics.totals(qoeMetrics.stalls, [{}], () => sums.stalls);
  metrics.totals(qoeMetrics.errors, [{}], () => sums.errors);
  metrics.totals(qoeMetrics.mediaBytes, [{}], () => sums.mediaBytes);
  metrics.totals(qoeMetrics.receivedBytes, [{ from: "edge" }, { from: "peers" }], (index) =>
    index === 0 ? sums.httpBytes : sums.peerBytes,
  );
  metrics.totals(qoeMetrics.uploadedBytes, [{}], () => sums.uploadedBytes);
  metrics.totals(qoeMetrics.frames, [{ outcome: "shown" }, { outcome: "dropped" }], (index) =>
    index === 0 ? sums.framesShown : sums.framesDropped,
  );
  metrics.histogramOf(qoeMetrics.startup, [{}], intake.startup);
  metrics.histogramOf(qoeMetrics.latency, [{}], intake.latency);
}
