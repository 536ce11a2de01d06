/** The instruments of a feed's life and epochs; made once a process, bound to a feed. */
import type { AssemblerCounts } from "../../src/media/part-assembler.ts";
import { feedStates, type FeedState } from "../../src/hls/status.ts";
import { originMetrics } from "../../src/metrics/origin.ts";
import type { TimelineNormalizer } from "../../src/media/timeline-normalizer.ts";
import type { Metrics } from "../../src/node/metrics.ts";

/** Why an epoch ended before its publisher did. */
export type EpochFaultReason = "encoder" | "media" | "source";

/** What a publisher's normaliser has repaired. */
export type RepairCounts = TimelineNormalizer["counts"];

export interface FeedMetrics {
  state(state: FeedState): void;
  epochBegan(): void;
  epochFault(reason: EpochFaultReason): void;
  epochEnded(counts: AssemblerCounts): void;
  /** What a publisher's normaliser has counted since it was last told. */
  timeline(now: RepairCounts, before: RepairCounts): void;
  stateWriteError(): void;
  viewers(count: number): void;
  viewerReportRefused(): void;
}

const timelineKinds: readonly [keyof RepairCounts, string][] = [
  ["tagsDropped", "dropped"],
  ["timestampsClamped", "clamped"],
  ["jumpsRemoved", "jump-removed"],
  ["startBufferOverflows", "start-given-up"],
];

export function feedMetrics(metrics: Metrics): (feed: string) => FeedMetrics {
  const states = metrics.gauge(originMetrics.feedState);
  const epochs = metrics.counter(originMetrics.epochs);
  const faults = metrics.counter(originMetrics.epochFaults);
  const timeline = metrics.counter(originMetrics.timelineRepairs);
  const sound = metrics.counter(originMetrics.soundRepairs);
  const picture = metrics.counter(originMetrics.pictureRepairs);
  const writeErrors = metrics.counter(originMetrics.stateWriteErrors);
  const viewers = metrics.gauge(originMetrics.viewers);
  const refused = metrics.counter(originMetrics.viewerReportsRefused);
  // Over all feeds: by feed and kind they would be a tenth of all series of sixteen feeds.
  refused.add(0);
  for (const [, kind] of timelineKinds) timeline.add(0, { kind });
  for (const kind of ["late", "missing"]) sound.add(0, { kind });
  for (const kind of ["dropped", "keyframe-missing"]) picture.add(0, { kind });
  return (feed) => {
    epochs.add(0, { feed });
    writeErrors.add(0, { feed });
    viewers.set(0, { feed });
    for (const reason of ["encoder", "media", "source"]) faults.add(0, { feed, reason });
    return {
      state: (state) => {
        for (const each of feedStates) states.set(each === state ? 1 : 0, { feed, state: each });
      },
      epochBegan: () => epochs.add(1, { feed }),
      epochFault: (reason) => faults.add(1, { feed, reason }),
      epochEnded: (counts) => {
        sound.add(counts.audioFramesLate, { kind: "late" });
        sound.add(counts.audioFramesMissing, { kind: "missing" });
        picture.add(counts.videoFramesDropped, { kind: "dropped" });
        picture.add(counts.keyframesMissing, { kind: "keyframe-missing" });
      },
      timeline: (now, before) => {
        for (const [key, kind] of timelineKinds) {
          timeline.add(Math.max(0, now[key] - before[key]), { kind });
        }
      },
      stateWriteError: () => writeErrors.add(1, { feed }),
      viewers: (count) => viewers.set(count, { feed }),
      viewerReportRefused: () => refused.add(1),
    };
  };
}
