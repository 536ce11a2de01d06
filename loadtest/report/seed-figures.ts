/**
 * What several seeds of one night came to: for each figure the mean, and how far chance moves it.
 * The interval is of the mean over seeds; it says nothing of how true the model is.
 */
import { assert } from "../../src/base/assert.ts";
import type { ModelReport, ModelSeeds } from "../../src/config/schema-model-report.ts";
import { allFigures, type FigureKey } from "./headline-figures.ts";

export type Spread = ModelSeeds["figures"][FigureKey];

/**
 * Student's t at 0.975 for 1, 2, … 49 degrees of freedom (NIST/SEMATECH e-Handbook of Statistical
 * Methods, 1.3.6.7.2); a test integrates the density up to each.
 */
export const studentQuantiles = [
  ...[12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228],
  ...[2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086],
  ...[2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042],
  ...[2.04, 2.037, 2.035, 2.032, 2.03, 2.028, 2.026, 2.024, 2.023, 2.021],
  ...[2.02, 2.018, 2.017, 2.015, 2.014, 2.013, 2.012, 2.011, 2.01],
] as const;

/** Mean, half the 95 % interval of the mean, least and most of 2 to 50 values. */
export function spreadOf(values: readonly number[]): Spread {
  const quantile = studentQuantiles[values.length - 2];
  assert(quantile !== undefined, "a spread is of 2 to 50 values");
  const first = values[0]!;
  const sum = (all: readonly number[]): number => all.reduce((total, value) => total + value, 0);
  // From the first value on: equal values give exactly that value and no width.
  const mean = first + sum(values.map((value) => value - first)) / values.length;
  const squares = sum(values.map((value) => (value - mean) ** 2));
  const deviation = Math.sqrt(squares / (values.length - 1));
  return {
    mean: rounded(mean),
    halfWidth95: rounded((quantile * deviation) / Math.sqrt(values.length)),
    min: Math.min(...values),
    max: Math.max(...values),
  };
}

/** The reports of one scenario under several seeds, and what they came to together. */
export function modelSeedsOf(reports: readonly ModelReport[]): ModelSeeds {
  const { scenario, commit } = reports[0]!;
  const figures = allFigures.map(({ key }) => [
    key,
    spreadOf(reports.map(({ headline }) => headline[key])),
  ]);
  return {
    evidence: "modelled",
    version: 1,
    scenario,
    seeds: reports.map(({ seed }) => seed),
    commit,
    figures: Object.fromEntries(figures) as ModelSeeds["figures"],
    reports: [...reports],
  };
}

/** Nine significant digits, as in reports. */
function rounded(value: number): number {
  return Number(value.toPrecision(9));
}
