/** Which figures stand side by side when scenarios are compared, and how they differ. */
import type { ModelReport } from "../../src/config/schema-model-report.ts";
import { figureOf, type Figure, type FigureKey } from "./headline-figures.ts";
import { changeOf, percent, pointsBetween } from "./number-format.ts";

const comparedKeys: readonly FigureKey[] = [
  ...(["viewers", "egressGbpsMean", "egressGbpsPeak", "kbpsPerViewer"] as const),
  ...(["stallRatio", "stallsPerHour", "startupMsP50", "startupMsP95"] as const),
  ...(["startFailureRatio", "switchesPerMin", "latencyMsP50", "fillGbps"] as const),
  ...(["p2pOffloadRatio", "requestsPerSec", "edgeCount", "edgeCapacityGbps"] as const),
  ...(["edgeUtilisation", "edgesNeededAt10GbE", "edgesNeededAt25GbE"] as const),
];

export interface ComparedRow {
  figure: Figure;
  /** A value for each scenario, and how it differs from the first one's; empty for the first. */
  cells: { text: string; change: string }[];
}

export function comparedRows(reports: readonly ModelReport[]): ComparedRow[] {
  return comparedKeys.map((key) => {
    const figure = figureOf(key);
    const first = reports[0]!.headline[key];
    // Shares of shares mislead.
    const change = figure.write === percent ? pointsBetween : changeOf;
    return {
      figure,
      cells: reports.map(({ headline }) => ({
        text: figure.write(headline[key]),
        change: change(headline[key], first),
      })),
    };
  });
}

/** Every rung that any of them has, from the lowest. */
export function comparedRungs(reports: readonly ModelReport[]): number[] {
  const all = reports.flatMap(({ headline }) => Object.keys(headline.rungShare).map(Number));
  return [...new Set(all)].sort((a, b) => a - b);
}

/** "7" where all runs have it, else each in order. */
export function sharedWords(values: readonly (string | number)[]): string {
  const distinct = new Set(values);
  return distinct.size === 1 ? String(values[0]) : values.join(", ");
}
