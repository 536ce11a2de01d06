/** The figures of a model run: what each is called, how it is written and what it means. */
import type { ModelReport } from "../../src/config/schema-model-report.ts";
import { counted, decimal, milliseconds, percent } from "./number-format.ts";

export type Headline = ModelReport["headline"];

/** Keys of the headline that are single numbers. */
export type FigureKey = Exclude<keyof Headline, "rungShare">;

export interface Figure {
  key: FigureKey;
  label: string;
  write: (value: number) => string;
  /** For people who do not build such systems. */
  meaning: string;
}

export interface FigureGroup {
  title: string;
  figures: readonly Figure[];
}

function withUnit(unit: string): (value: number) => string {
  return (value) => `${decimal(value)} ${unit}`;
}

const gbps = withUnit("Gbps");

export const figureGroups: readonly FigureGroup[] = [
  {
    title: "Traffic",
    figures: [
      figure("egressGbpsMean", "Egress, mean", gbps, "what all edges together send to viewers"),
      figure("egressGbpsPeak", "Egress, peak", gbps, "the most they send at once"),
      figure("fillGbps", "Fill", gbps, "what the edges fetch from relays above them"),
      figure("p2pOffloadRatio", "Peers' share", percent, "of what viewers get: sent by viewers"),
      figure("requestsPerSec", "Requests per second", counted, "that the edges answer"),
    ],
  },
  {
    title: "Viewers",
    figures: [
      figure("viewers", "Audience", counted, "everybody who comes"),
      figure("concurrentMean", "Watching at once", counted, "sessions that are open, on average"),
      figure("joinsPerSecPeak", "Joins per second, peak", counted, "the steepest of the arrival"),
      figure("kbpsPerViewer", "Rate a viewer", withUnit("kbps"), "what one who plays receives"),
      figure("stallRatio", "Stalled", percent, "share of watching time with a frozen picture"),
      figure("stallsPerHour", "Stalls per hour", decimal, "how often a viewer's picture freezes"),
      figure("startupMsP50", "Start, median", milliseconds, "half of the viewers start sooner"),
      figure("startupMsP95", "Start, slowest 5 %", milliseconds, "one in twenty waits longer"),
      figure("startFailureRatio", "Never started", percent, "sessions that saw no picture at all"),
      figure("switchesPerMin", "Switches per minute", decimal, "how often the quality changes"),
      figure("latencyMsP50", "Delay, median", milliseconds, "behind what happens on stage"),
      figure("latencyMsP95", "Delay, slowest 5 %", milliseconds, "one in twenty is further behind"),
    ],
  },
  {
    title: "Machines",
    figures: [
      figure("edgeCount", "Edges", counted, "machines that serve viewers"),
      figure("edgeCapacityGbps", "Capacity", gbps, "of all edges together"),
      figure("edgeUtilisation", "Utilisation", percent, "share of that capacity in use"),
      figure("edgesNeededAt10GbE", "Edges needed, 10 GbE", counted, "for the peak, a fifth spare"),
      figure("edgesNeededAt25GbE", "Edges needed, 25 GbE", counted, "for the peak, a fifth spare"),
      figure("segmentDurationSec", "Segment", withUnit("s"), "duration of one piece of media"),
    ],
  },
];

function figure(
  key: FigureKey,
  label: string,
  write: (value: number) => string,
  meaning: string,
): Figure {
  return { key, label, write, meaning };
}

export const allFigures: readonly Figure[] = figureGroups.flatMap(({ figures }) => figures);

/** A figure by its key. */
export function figureOf(key: FigureKey): Figure {
  return allFigures.find((one) => one.key === key)!;
}

/** Rungs from the lowest rate to the highest, with their share of viewing time. */
export function rungShares(headline: Headline): { kbps: number; ratio: number }[] {
  return Object.entries(headline.rungShare)
    .map(([kbps, ratio]) => ({ kbps: Number(kbps), ratio }))
    .sort((a, b) => a.kbps - b.kbps);
}

/** Whether nobody sees a picture, at least in the part of the night that means are taken over. */
export function nobodyPlays(headline: Headline): boolean {
  return headline.startFailureRatio >= 1 || rungShares(headline).every(({ ratio }) => ratio === 0);
}

/** Then most figures say nothing: this does. */
export function nobodyWords({ startFailureRatio }: Headline): string {
  return startFailureRatio >= 1
    ? "Nobody sees a picture: no session ever starts."
    : "Nobody sees a picture while the means are taken (the plateau).";
}

/** What the CDN of 3 March 2008 was reported to peak at, for half a million viewers. */
const record2008 = { gbps: 242, viewerCount: 500_000 } as const;

/** Below this share of the record its line would flatten the picture; arbitrary. */
const comparableRatio = 0.3;

export interface Mark {
  gbps: number;
  /** At the line in a picture. */
  label: string;
  /** Within a sentence: "… below the 242 Gbps". */
  words: string;
}

/** What traffic is compared with: 242 Gbps, or as much for each viewer of a far smaller audience. */
export function markFor(headlines: readonly Headline[]): Mark {
  const { gbps, viewerCount } = record2008;
  const peak = Math.max(...headlines.map(({ egressGbpsPeak }) => egressGbpsPeak));
  if (peak >= comparableRatio * gbps) {
    return { gbps, label: "242 Gbps, 3 March 2008", words: "the 242 Gbps" };
  }
  const viewers = Math.max(...headlines.map((headline) => headline.viewers));
  return {
    gbps: (gbps / viewerCount) * viewers,
    label: "484 kbps a viewer, 3 March 2008",
    words: "the 484 kbps a viewer",
  };
}
