/** The lines of a load test that are not within their bounds, each with what to look at. */
import type { LoadReport } from "../../src/config/schema-load-report.ts";
import { differenceWords, gateWords, sideWords, valueWords } from "./load-words.ts";
import { counted, percent } from "./number-format.ts";

/** A line that is not within its bound, and what to look at. */
export interface RedLine {
  section: "checks" | "budgets" | "validation" | "conservation";
  name: string;
  evidence: "measured" | "modelled" | "model against wire";
  words: string;
  lookAt: string;
}

/** All red lines, in the order of the report. */
export function redLinesOf(report: LoadReport): RedLine[] {
  const { checks, budgets, conservation } = report;
  return [
    ...checks
      .filter(({ ok }) => !ok)
      .map((check): RedLine => {
        const { name, evidence, what, value, unit, bound, lookAt } = check;
        const about = what.charAt(0).toLowerCase() + what.slice(1);
        const words = `${valueWords(value, unit)}, must be ${bound} (${about})`;
        return { section: "checks", name, evidence, words, lookAt: lookAt ?? "" };
      }),
    ...budgets
      .filter(({ ok }) => !ok)
      .map((budget): RedLine => {
        const { name, value, unit, bound, lookAt } = budget;
        const words = `${valueWords(value, unit)}, must be at most ${valueWords(bound, unit)}`;
        return { section: "budgets", name, evidence: "measured", words, lookAt: lookAt ?? "" };
      }),
    ...redValidation(report),
    ...conservation
      .filter(({ ok }) => !ok)
      .map(({ name, left, right, ...row }): RedLine => {
        const apart = `${percent(row.differenceRatio)} apart, must be at most ${percent(row.bound)}`;
        const words = `${left.name} ${counted(left.bytes)}, ${right.name} ${counted(right.bytes)} bytes, ${apart}`;
        const lookAt = "who counts what: aborted transfers, the edges of the window";
        return { section: "conservation", name, evidence: "measured", words, lookAt };
      }),
  ];
}

function redValidation({ validation }: LoadReport): RedLine[] {
  return (validation?.rows ?? []).flatMap(({ viewers, figures }) =>
    figures
      .filter(({ ok }) => !ok)
      .map((figure): RedLine => {
        const { name, measured, modelled, gate } = figure;
        return {
          section: "validation",
          name: `${name} at ${counted(viewers)}`,
          evidence: "model against wire",
          words: `measured ${sideWords(name, measured)}, modelled ${sideWords(name, modelled)}, which is ${differenceWords(figure)} (gate ${gateWords(name, gate)})`,
          lookAt: "parameters in which wire and model differ",
        };
      }),
  );
}
