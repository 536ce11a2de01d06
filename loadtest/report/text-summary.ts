/** A model run as text for a terminal. */
import type { ModelReport } from "../../src/config/schema-model-report.ts";
import { balancesOf } from "./balances.ts";
import { changesOf, describeEvent, fullness } from "./event-words.ts";
import {
  allFigures,
  figureGroups,
  figureOf,
  nobodyPlays,
  nobodyWords,
  rungShares,
} from "./headline-figures.ts";
import { clock, percent } from "./number-format.ts";
import { changesWords, type RunCommand } from "./run-command.ts";
import { columns } from "./text-columns.ts";

/** Events that are listed; the report has them all. */
const eventCountMax = 12;

/** Lines end with a newline; the first one with Gbps says that they are modelled. */
export function textSummary(report: ModelReport, command: RunCommand): string {
  return [
    ...headLines(report, changesWords(command)),
    "",
    ...figureLines(report),
    ...rungLines(report),
    ...eventLines(report),
    ...balanceLines(report),
  ]
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

function headLines(
  { title, scenario, seed, commit, headline }: ModelReport,
  changes: string,
): string[] {
  const mean = figureOf("egressGbpsMean").write(headline.egressGbpsMean);
  const peak = figureOf("egressGbpsPeak").write(headline.egressGbpsPeak);
  return [
    ...(title === "" ? [] : [title]),
    `modelled: ${mean} on average, ${peak} at the peak (scenario ${scenario}, seed ${seed}, commit ${commit})`,
    ...(changes === "" ? [] : [`changed: ${changes}`]),
    ...(nobodyPlays(headline) ? [nobodyWords(headline)] : []),
    "Means are over the scenario's plateau; starts and peaks over the whole run.",
  ];
}

function figureLines({ headline }: ModelReport): string[] {
  const rows = allFigures.map(({ key, label, write, meaning }) => [
    `  ${label}`,
    write(headline[key]),
    meaning,
  ]);
  // Aligned over all groups.
  const lines = columns(rows);
  return figureGroups.flatMap(({ title, figures }) => [
    `${title} (modelled)`,
    ...figures.map((figure) => lines[allFigures.indexOf(figure)]!),
    "",
  ]);
}

function rungLines({ headline }: ModelReport): string[] {
  const shares = rungShares(headline);
  const cells = [
    ["  kbps", ...shares.map(({ kbps }) => String(kbps))],
    ["  share", ...shares.map(({ ratio }) => percent(ratio))],
  ];
  return ["Rungs by viewing time (modelled)", ...columns(cells, { isNumbers: true }), ""];
}

function eventLines(report: ModelReport): string[] {
  const changes = changesOf(report);
  const full = fullness(report);
  if (changes.length === 0 && full === undefined) return [];
  const shown = changes.slice(0, eventCountMax);
  const more = changes.length - shown.length;
  return [
    "Events (modelled)",
    ...shown.map((event) => `  ${clock(event.tSec).padEnd(9)}${describeEvent(event)}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...(full === undefined ? [] : [`  ${full}`]),
    "",
  ];
}

function balanceLines(report: ModelReport): string[] {
  const wrong = balancesOf(report).filter(({ balances }) => !balances);
  if (wrong.length === 0) return ["Conservation: bytes and media time balance."];
  return [
    "Conservation: DOES NOT BALANCE, do not trust this run.",
    ...wrong.map(({ what, left, right, unit }) => `  ${what}: ${left} against ${right} ${unit}`),
  ];
}
