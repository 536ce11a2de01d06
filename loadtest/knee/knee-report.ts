/** The report of a search that found a good step: knee, extrapolation, and what it ran on. */
import { kneeReportSchema, type KneeReport } from "../../src/config/schema-knee-report.ts";
import type { Scenario } from "../../src/config/schema-scenario.ts";
import { measuringHost } from "../../src/node/host.ts";
import { k6Version } from "../k6/k6-build.ts";
import { decimal, things } from "../report/number-format.ts";
import type { FeedFacts } from "../wire/feed-facts.ts";
import { extrapolationTo } from "./extrapolation.ts";
import { largestGood } from "./knee-search.ts";

/** Other programs that use no more than this do not count: cores. Arbitrary. */
const otherCoresQuiet = 0.1;

export interface FoundKnee {
  scenario: Scenario;
  stepSec: number;
  forViewers: number;
  commit: string;
  command: string;
  /** At least one of them is good. */
  steps: KneeReport["steps"];
  end: KneeReport["end"];
  feed: FeedFacts;
  startedUnixMs: number;
  openFiles: number;
  /** Resident memory of all edges before the first viewer. */
  edgeBytesIdle: number;
  /** Steps that were run again. */
  repeatCount: number;
}

export function kneeReportOf(found: FoundKnee): KneeReport {
  const { scenario, steps, end, forViewers, edgeBytesIdle } = found;
  const knee = kneeOf(steps, { edges: scenario.wire.edges, edgeBytesIdle, end });
  return kneeReportSchema.parse({
    evidence: "measured and extrapolated",
    version: 1,
    scenario: scenario.name,
    seed: scenario.seed,
    commit: found.commit,
    startedUnixMs: found.startedUnixMs,
    stepSec: found.stepSec,
    rungsKbps: found.feed.rungs.map(({ peakKbps }) => peakKbps),
    end,
    steps,
    knee,
    extrapolated: extrapolationTo(forViewers, knee),
    caveats: caveatsOf(found, knee),
    host: {
      ...measuringHost(),
      k6: k6Version,
      openFilesMax: found.openFiles,
    },
    command: found.command,
  });
}

/** The largest good step, per viewer and per core. */
export function kneeOf(
  steps: KneeReport["steps"],
  of: { edges: number; edgeBytesIdle: number; end: Pick<KneeReport["end"], "by"> },
): KneeReport["knee"] {
  const { edges, edgeBytesIdle, end } = of;
  const good = largestGood(steps)!;
  const { viewers, gbps, edgeCores, generatorCores } = good;
  // A few clock ticks at the least: a step with hardly a viewer uses none that can be seen.
  const cores = Math.max(edgeCores, 0.01);
  return {
    ...{ viewers, gbps, edges, edgeCores, generatorCores },
    edgeBytesIdle: edgeBytesIdle / edges,
    edgeBytesPerViewer: Math.max(0, good.edgeBytes - edgeBytesIdle) / viewers,
    generatorBytesPerViewer: good.generatorBytes / viewers,
    socketsPerViewer: good.edgeSockets / viewers,
    perEdgeCore: {
      asUsed: { viewers: viewers / cores, gbps: gbps / cores },
      atLimit: end.by === "edge CPU" ? { viewers: viewers / edges, gbps: gbps / edges } : null,
    },
  };
}

function caveatsOf(
  { scenario, steps, repeatCount }: FoundKnee,
  { edges, edgeCores, perEdgeCore }: KneeReport["knee"],
): string[] {
  const others = Math.max(...steps.map(({ otherCores }) => otherCores));
  return [
    ...(others > otherCoresQuiet
      ? [
          `Other programs used up to ${decimal(others)} cores of this machine meanwhile: alone it carries more.`,
        ]
      : []),
    ...(repeatCount > 0
      ? [`${things(repeatCount, "step")} that other programs broke ran again and counted then.`]
      : []),
    ...(perEdgeCore.atLimit === null
      ? [
          `No edge was at its limit: ${decimal(edgeCores / edges)} of a core each is far from it, and figures per core are by proportion.`,
        ]
      : []),
    "Edges, shield, origin and generator share this machine, over loopback: no loss, no network card.",
    "Memory is what programs hold; what the kernel keeps for sockets is not in it.",
    "Extrapolated figures are by proportion. An origin and shields are not in them: they serve edges, as many bytes for one viewer as for all.",
    ...(scenario.wire.source === "replay"
      ? ["The origin replays a recording, so that no encoder takes the CPU."]
      : []),
  ];
}
