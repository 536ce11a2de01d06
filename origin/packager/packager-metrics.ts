/** The packager's instruments; made once a process, bound to a feed. */
import { originMetrics } from "../../src/metrics/origin.ts";
import type { Metrics } from "../../src/node/metrics.ts";

export interface PackagerMetrics {
  /** A segment was listed now, `lagMs` after its last picture came. */
  listed(nowUnixMs: number, lagMs: number): void;
  measured(rung: string, measured: { bytes: number; peakBitsPerSec: number }): void;
  breached(rung: string): void;
  windowBytes(bytes: number): void;
  /** Segments given up early for window.bytesMax since the start. */
  windowLimited(segmentCount: number): void;
}

export function packagerMetrics(metrics: Metrics): (feed: string) => PackagerMetrics {
  const segments = metrics.counter(originMetrics.segments);
  const segmentBytes = metrics.counter(originMetrics.segmentBytes);
  const lag = metrics.histogram(originMetrics.segmentReadyLag);
  const last = metrics.gauge(originMetrics.lastSegment);
  const peak = metrics.gauge(originMetrics.segmentPeak);
  const breaches = metrics.counter(originMetrics.bandwidthBreaches);
  const window = metrics.gauge(originMetrics.windowBytes);
  const limits = metrics.counter(originMetrics.windowLimits);
  return (feed) => {
    segments.add(0, { feed });
    limits.add(0, { feed });
    window.set(0, { feed });
    let limitedCount = 0;
    return {
      listed: (nowUnixMs, lagMs) => {
        segments.add(1, { feed });
        lag.observe(Math.max(0, lagMs) / 1000, { feed });
        last.set(nowUnixMs / 1000, { feed });
      },
      measured: (rung, { bytes, peakBitsPerSec }) => {
        segmentBytes.add(bytes, { feed, rung });
        peak.set(peakBitsPerSec, { feed, rung });
        breaches.add(0, { feed, rung });
      },
      breached: (rung) => breaches.add(1, { feed, rung }),
      windowBytes: (bytes) => window.set(bytes, { feed }),
      windowLimited: (segmentCount) => {
        limits.add(segmentCount - limitedCount, { feed });
        limitedCount = segmentCount;
      },
    };
  };
}
