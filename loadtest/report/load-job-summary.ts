/** A load test as Markdown for the page of a CI job. */
import type { LoadReport } from "../../src/config/schema-load-report.ts";
import { comparedPairs } from "./load-compared.ts";
import { redLinesOf } from "./load-red-lines.ts";
import {
  audienceWords,
  differenceWords,
  fewViewersWords,
  gateWords,
  gbpsWords,
  generatorWords,
} from "./load-words.ts";
import { counted, decimal, percent } from "./number-format.ts";

const lineCountMax = 60;

/** Lines of one list that are shown; report.html has them all. */
const listCountMax = 8;

/** At most 60 lines, which end with a newline. */
export function loadJobSummary(report: LoadReport): string {
  const { verdict, voidReasons, headline, scenario, seed, commit, parameters } = report;
  const { modelledGbpsMean } = headline;
  const model =
    modelledGbpsMean === null ? "nothing modelled" : `modelled ${gbpsWords(modelledGbpsMean)}`;
  const red = redLinesOf(report).map(
    ({ name, evidence, words, lookAt }) =>
      `**RED** ${text(`${name} (${evidence}): ${words}`)}${lookAt === "" ? "" : `; look at ${text(lookAt)}`}`,
  );
  return [
    `## Load test ${verdict.toUpperCase()}: ${audienceWords(report)}`,
    "",
    `Mean egress: measured ${gbpsWords(headline.measuredGbpsMean)}, ${model}. Scenario ${text(scenario)}, seed ${seed}, commit ${text(commit)}${parameters.target === null ? "" : `, against ${text(parameters.target)}`}.`,
    ...list(voidReasons.map((reason) => `**VOID** ${text(reason)}`)),
    ...list(red),
    ...figureLines(report),
    ...validationLines(report),
    ...costLines(report),
    "",
    `Generator (measured): ${text(generatorWords(report))}.`,
  ]
    .slice(0, lineCountMax)
    .map((line) => `${line}\n`)
    .join("");
}

function list(items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const more = items.length - listCountMax;
  const shown = items.slice(0, listCountMax);
  return ["", ...shown.map((item) => `- ${item}`), ...(more > 0 ? [`- and ${more} more`] : [])];
}

function figureLines(report: LoadReport): string[] {
  const rows = comparedPairs(report).map(({ label, measured, modelled }) => [
    label,
    measured,
    ...(report.modelled === null ? [] : [modelled]),
  ]);
  return table(["Viewers", "measured", ...(report.modelled === null ? [] : ["modelled"])], rows);
}

function validationLines(report: LoadReport): string[] {
  const rows = report.validation?.rows ?? [];
  const names = [...new Set(rows.flatMap(({ figures }) => figures.map(({ name }) => name)))];
  if (names.length === 0) return [];
  const few = fewViewersWords(report);
  const lines = table(
    ["Model against wire", "gate", ...rows.map(({ viewers }) => `at ${counted(viewers)}`)],
    names.slice(0, listCountMax).map((name) => {
      const found = rows.map(({ figures }) => figures.find((figure) => figure.name === name));
      const gate = found.find((one) => (one?.gate ?? null) !== null)?.gate ?? null;
      const differences = found.map((one) => {
        if (one === undefined) return "-";
        return one.ok ? differenceWords(one) : `RED ${differenceWords(one)}`;
      });
      return [name, gate === null ? "-" : gateWords(name, gate), ...differences];
    }),
  );
  return few === "" ? lines : [...lines, "", `${few}.`];
}

function costLines({ wire }: LoadReport): string[] {
  const rows = wire.processes
    .slice(0, listCountMax)
    .map(({ name, cores, cpuCoresPerGbps }) => [
      name,
      decimal(cores),
      cpuCoresPerGbps === null ? "-" : decimal(cpuCoresPerGbps),
    ]);
  const hits = wire.tiers.map(
    ({ tier, egressGbps, hitRatio }) =>
      `${tier} ${gbpsWords(egressGbps)}${hitRatio === null ? "" : ` (hits ${percent(hitRatio)})`}`,
  );
  return [
    ...table(["Process (measured)", "CPU cores", "cores per Gbps"], rows),
    ...(hits.length === 0 ? [] : ["", `Tiers (measured): ${hits.join(", ")}.`]),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(text).join(" | ")} |`;
  return [
    "",
    line(head),
    `|${head.map((_, i) => (i === 0 ? "---|" : "--:|")).join("")}`,
    ...rows.map(line),
  ];
}

/** Nothing in it is markup. */
function text(words: string): string {
  return words.replace(/\s+/g, " ").replace(/[\\`*_{}[\]<>|#~]/g, "\\$&");
}
