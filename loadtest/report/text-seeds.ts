/** Several seeds of one night as text for a terminal. */
import type { ModelSeeds } from "../../src/config/schema-model-report.ts";
import { balancesOf } from "./balances.ts";
import { allFigures, figureOf, type Figure } from "./headline-figures.ts";
import { counted, decimal, milliseconds } from "./number-format.ts";
import { changesWords, type RunCommand } from "./run-command.ts";
import { columns } from "./text-columns.ts";

/** Lines end with a newline; the first one, with Gbps, says that they are modelled. */
export function textSeeds(model: ModelSeeds, command: RunCommand): string {
  const { scenario, seeds, commit, figures } = model;
  const changes = changesWords(command);
  const { write } = figureOf("egressGbpsMean");
  const { mean, halfWidth95 } = figures.egressGbpsMean;
  const rows = allFigures.map((figure) => {
    const spread = figures[figure.key];
    const cells = [spread.mean, spread.halfWidth95, spread.min, spread.max];
    return [figure.label, ...cells.map((value) => written(figure, value))];
  });
  const unbalanced = model.reports.filter((report) =>
    balancesOf(report).some(({ balances }) => !balances),
  );
  return [
    `modelled: ${write(mean)} on average, ± ${write(halfWidth95)} (scenario ${scenario}, seeds ${seeds.join(", ")}, commit ${commit})`,
    ...(changes === "" ? [] : [`changed: ${changes}`]),
    `± is half the 95 % confidence interval of the mean over ${seeds.length} seeds (Student's t).`,
    "",
    ...columns([["modelled", "mean", "±", "min", "max"], ...rows], { isNumbers: true }),
    "",
    unbalanced.length === 0
      ? "Conservation: bytes and media time balance in all of them."
      : `Conservation: DOES NOT BALANCE with seed ${unbalanced.map(({ seed }) => seed).join(", ")}, do not trust these runs.`,
  ]
    .map((line) => `${line}\n`)
    .join("");
}

/** As the figure is written, but a part of a whole thing or of a millisecond still shows. */
function written({ write }: Figure, value: number): string {
  if (Number.isInteger(value)) return write(value);
  if (write === counted) return decimal(value);
  return write === milliseconds && value < 10 ? `${decimal(value)} ms` : write(value);
}
