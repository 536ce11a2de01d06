/** The packager's instruments; made once a process, bound to a feed. */
import { originMetrics } from "../../src/metrics/origin.ts";
import type { Metrics } from "../../src/node/metrics.ts";

/** What a listed segment says of its rung. */
export interface RungMeasure {
  /** Of the segment. */
  bytes: number;
  /** Highest of this broadcast, by the definition of BANDWIDTH. */
  peakBitsPerSec: number;
  bandwidthBitsPerSec: number;
}

export interface PackagerMetrics {
  /** A segment was listed now, `lagMs` after its last picture came. */
  listed(nowUnixMs: number, lagMs: number): void;
  measured(rung: string, measure: RungMeasure): void;
  /** Average over the segments that the rung's playlist lists. */
  rate(rung: string, bitsPerSec: number): void;
  breached(rung: string): void;
  windowBytes(bytes: number): void;
  /** Segments given up early for window.bytesMax since the start. */
  windowLimited(segmentCount: number): void;
  /** Nothing is offered any more. */
  forgotten(): void;
}

export interface PackagedFeed {
  feed: string;
  /** Rungs that there may be. */
  rungs: Iterable<string>;
  /** 0: no cap. */
  capBitsPerSec: number;
}

export function packagerMetrics(metrics: Metrics): (of: PackagedFeed) => PackagerMetrics {
  const segments = metrics.counter(originMetrics.segments);
  const segmentBytes = metrics.counter(originMetrics.segmentBytes);
  const lag = metrics.histogram(originMetrics.segmentReadyLag);
  const last = metrics.gauge(originMetrics.lastSegment);
  const peak = metrics.gauge(originMetrics.segmentPeak);
  const bandwidth = metrics.gauge(originMetrics.rungBandwidth);
  const rate = metrics.gauge(originMetrics.rungRate);
  const cap = metrics.gauge(originMetrics.ladderCap);
  const breaches = metrics.counter(originMetrics.bandwidthBreaches);
  const window = metrics.gauge(originMetrics.windowBytes);
  const limits = metrics.counter(originMetrics.windowLimits);
  return ({ feed, rungs, capBitsPerSec }) => {
    const known = new Set(rungs);
    const nothingOffered = (): void => {
      for (const rung of known) {
        for (const gauge of [peak, bandwidth, rate]) gauge.set(0, { feed, rung });
      }
    };
    segments.add(0, { feed });
    lag.zero({ feed });
    limits.add(0, { feed });
    window.set(0, { feed });
    cap.set(capBitsPerSec, { feed });
    nothingOffered();
    for (const rung of known) {
      segmentBytes.add(0, { feed, rung });
      breaches.add(0, { feed, rung });
    }
    let limitedCount = 0;
    return {
      listed: (nowUnixMs, lagMs) => {
        segments.add(1, { feed });
        lag.observe(Math.max(0, lagMs) / 1000, { feed });
        last.set(nowUnixMs / 1000, { feed });
      },
      measured: (rung, { bytes, peakBitsPerSec, bandwidthBitsPerSec }) => {
        known.add(rung);
        segmentBytes.add(bytes, { feed, rung });
        peak.set(peakBitsPerSec, { feed, rung });
        bandwidth.set(bandwidthBitsPerSec, { feed, rung });
        breaches.add(0, { feed, rung });
      },
      rate: (rung, bitsPerSec) => rate.set(bitsPerSec, { feed, rung }),
      breached: (rung) => breaches.add(1, { feed, rung }),
      windowBytes: (bytes) => window.set(bytes, { feed }),
      windowLimited: (segmentCount) => {
        limits.add(segmentCount - limitedCount, { feed });
        limitedCount = segmentCount;
      },
      forgotten: nothingOffered,
    };
  };
}
