/** Several model runs side by side as text for a terminal. */
import type { ModelReport } from "../../src/config/schema-model-report.ts";
import { balancesOf } from "./balances.ts";
import { comparedRows, comparedRungs, sharedWords } from "./compared-figures.ts";
import { percent } from "./number-format.ts";
import { changesWords, type RunCommand } from "./run-command.ts";
import { columns } from "./text-columns.ts";

/** Lines end with a newline; the first one with Gbps says that they are modelled. */
export function textComparison(reports: readonly ModelReport[], command: RunCommand): string {
  const changes = changesWords(command);
  const names = reports.map(({ scenario }) => scenario);
  const seeds = sharedWords(reports.map(({ seed }) => seed));
  const commits = sharedWords(reports.map(({ commit }) => commit));
  const figures = comparedRows(reports).map(({ figure, cells }) => [
    figure.label,
    ...cells.map(({ text, change }) => (change === "" ? text : `${text} (${change})`)),
  ]);
  const rungs = comparedRungs(reports).map((kbps) => [
    `${kbps} kbps`,
    ...reports.map(({ headline }) => {
      const ratio = headline.rungShare[String(kbps)];
      return ratio === undefined ? "-" : percent(ratio);
    }),
  ]);
  const unbalanced = reports.filter((report) =>
    balancesOf(report).some(({ balances }) => !balances),
  );
  return [
    `modelled: ${reports.length} scenarios side by side (seed ${seeds}, commit ${commits}); in brackets the change from ${names[0]!}`,
    ...(changes === "" ? [] : [`changed in all: ${changes}`]),
    "",
    ...columns([["modelled", ...names], ...figures, ...rungs], { isNumbers: true }),
    "",
    unbalanced.length === 0
      ? "Conservation: bytes and media time balance in all of them."
      : `Conservation: DOES NOT BALANCE in ${unbalanced.map(({ scenario }) => scenario).join(", ")}, do not trust these runs.`,
  ]
    .map((line) => `${line}\n`)
    .join("");
}
