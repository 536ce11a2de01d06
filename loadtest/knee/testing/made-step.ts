/** A step as it might have been measured, good unless told otherwise. */
import type { KneeReport } from "../../../src/config/schema-knee-report.ts";

type Step = KneeReport["steps"][number];

export function madeStep(viewers: number, more: Partial<Step> = {}): Step {
  return {
    viewers,
    measuredSec: 17,
    gbps: viewers * 0.0006,
    edgeCores: viewers / 5_000,
    busiestEdge: { name: "edge-1", cores: viewers / 10_000 },
    generatorCores: viewers / 4_000,
    generatorBusyRatio: viewers / 8_000,
    machineBusyRatio: 0.5,
    otherCores: 0,
    scheduleLagMsP99: 4,
    startupMsP95: 12,
    lateSegmentRatio: 0,
    playlistMsP99: 20,
    failedRatio: 0,
    edgeBytes: 200_000_000,
    generatorBytes: 400_000 * viewers,
    edgeSockets: viewers,
    broken: [],
    ...more,
  };
}
