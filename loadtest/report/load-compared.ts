/** What a load test measured beside what it modelled, figure by figure. */
import type { LoadReport } from "../../src/config/schema-load-report.ts";
import { figureOf, type FigureKey } from "./headline-figures.ts";
import { percent } from "./number-format.ts";

/** A figure as the wire measured it and as the model has it; "-" where one has none. */
export interface ComparedFigure {
  label: string;
  measured: string;
  modelled: string;
  meaning: string;
}

/** Traffic, then how viewers fared: the keys of a model's headline that the wire measures too. */
const comparedKeys = [
  ...(["egressGbpsMean", "egressGbpsPeak", "kbpsPerViewer", "stallRatio"] as const),
  ...(["stallsPerHour", "startupMsP50", "startupMsP95", "startFailureRatio"] as const),
  ...(["switchesPerMin", "latencyMsP50", "latencyMsP95"] as const),
] satisfies readonly FigureKey[];

type ComparedKey = (typeof comparedKeys)[number];

/** All of them, and what the edges' caches did. */
export function comparedFigures(report: LoadReport): ComparedFigure[] {
  const model = report.modelled?.report;
  const measured = measuredOf(report);
  const headlines = comparedKeys.map((key): ComparedFigure => {
    const { label, write, meaning } = figureOf(key);
    return {
      ...{ label, meaning },
      measured: written(measured[key], write),
      modelled: written(model?.headline[key], write),
    };
  });
  const caches = [
    ["Hit ratio", "hitRatio", "segments that the edge had"],
    ["Join ratio", "joinRatio", "segments that were on their way to it"],
  ] as const;
  return [
    ...headlines,
    ...caches.map(([label, key, meaning]) => ({
      ...{ label, meaning },
      measured: written(report.wire.cache?.[key], percent),
      modelled: written(model?.relay[key], percent),
    })),
  ];
}

function measuredOf({ headline, wire }: LoadReport): Record<ComparedKey, number | null> {
  const { measuredGbpsMean: egressGbpsMean, measuredGbpsPeak: egressGbpsPeak } = headline;
  return { ...wire.quality, egressGbpsMean, egressGbpsPeak };
}

function written(value: number | null | undefined, write: (value: number) => string): string {
  return value === null || value === undefined ? "-" : write(value);
}

/** Figures that share a line where lines are few, under a common label. */
const pairs: readonly (readonly [label: string, ...labels: string[]])[] = [
  ["Rate a viewer", "Rate a viewer"],
  ["Stalled / stalls per hour", "Stalled", "Stalls per hour"],
  ["Start, median / slowest 5 %", "Start, median", "Start, slowest 5 %"],
  ["Never started", "Never started"],
  ["Switches per minute", "Switches per minute"],
  ["Delay, median / slowest 5 %", "Delay, median", "Delay, slowest 5 %"],
  ["Hit / join ratio", "Hit ratio", "Join ratio"],
];

/** How viewers fared, two figures a line; lines that neither side has are left out. */
export function comparedPairs(report: LoadReport): Omit<ComparedFigure, "meaning">[] {
  const all = comparedFigures(report);
  const lines = pairs.map(([label, ...labels]) => {
    const parts = labels.map((one) => all.find((figure) => figure.label === one)!);
    const side = (key: "measured" | "modelled"): string => {
      const texts = parts.map((part) => part[key]);
      return texts.every((text) => text === "-") ? "-" : texts.join(" / ");
    };
    return { label, measured: side("measured"), modelled: side("modelled") };
  });
  return lines.filter(({ measured, modelled }) => measured !== "-" || modelled !== "-");
}
