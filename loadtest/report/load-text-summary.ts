/**
 * A load test as one screen of text for a terminal. What is red comes first in its section and is
 * never left out for room; the page has everything.
 */
import type { LoadReport } from "../../src/config/schema-load-report.ts";
import { comparedPairs } from "./load-compared.ts";
import { redLinesOf, type RedLine } from "./load-red-lines.ts";
import {
  audienceWords,
  bytesWords,
  differenceWords,
  fewViewersWords,
  gateWords,
  gbpsWords,
  generatorWords,
} from "./load-words.ts";
import { counted, decimal, percent, things } from "./number-format.ts";
import { columns } from "./text-columns.ts";
import { fitted, wrapped, type TextSection } from "./text-screen.ts";

const screen = { lineCountMax: 48, columnCountMax: 100 } as const;

/** Up to so many red lines are all shown; of more, the first ones of each section. */
const redCountMax = 4;
const redSectionCountMax = 2;
const voidCountMax = 4;

/** At most 48 lines of at most 100 columns, which end with a newline; the verdict is first. */
export function loadTextSummary(report: LoadReport): string {
  const sections: TextSection[] = [
    { rank: 9, head: [], must: headLines(report), may: [] },
    figureSection(report),
    tierSection(report),
    processSection(report),
    ...engineSections(report),
    validationSection(report),
    conservationSection(report),
    checkSection(report),
    caveatSection(report),
  ];
  return fitted(sections, { lineCountMax: screen.lineCountMax, moreWords: "The rest: report.html" })
    .map((line) => `${line.slice(0, screen.columnCountMax).trimEnd()}\n`)
    .join("");
}

function wrap(text: string, indent = ""): string[] {
  return wrapped(text, { columnCountMax: screen.columnCountMax, indent });
}

function headLines(report: LoadReport): string[] {
  const { verdict, voidReasons, headline, title, scenario, seed, commit, parameters } = report;
  const missed = verdict === "missed" ? ` (${things(redLinesOf(report).length, "red line")})` : "";
  const { modelledGbpsMean, modelledGbpsPeak } = headline;
  const model =
    modelledGbpsMean === null || modelledGbpsPeak === null
      ? "nothing modelled"
      : `modelled ${gbpsWords(modelledGbpsMean)} mean, ${gbpsWords(modelledGbpsPeak)} peak`;
  const name = title === "" ? "" : `${title}: `;
  const target = parameters.target === null ? "" : `, against ${parameters.target}`;
  return [
    `${verdict.toUpperCase()}${missed}: ${audienceWords(report)}`,
    ...voidReasons
      .slice(0, voidCountMax)
      .flatMap((reason) => wrap(`  VOID  ${reason}`, "        ")),
    ...(voidReasons.length > voidCountMax
      ? [`  VOID  and ${voidReasons.length - voidCountMax} more in report.html`]
      : []),
    `measured ${gbpsWords(headline.measuredGbpsMean)} mean, ${gbpsWords(headline.measuredGbpsPeak)} peak; ${model}`,
    ...wrap(`${name}scenario ${scenario}, seed ${seed}, commit ${commit}${target}`, "  "),
  ];
}

function figureSection(report: LoadReport): TextSection {
  const { modelled } = report;
  const isModelled = modelled !== null;
  const rows = comparedPairs(report);
  const [first = "", ...others] = columns(
    [
      ["Viewers (over the whole run)", "measured", ...(isModelled ? ["modelled"] : [])],
      ...rows.map(({ label, measured, modelled: model }) => [
        `  ${label}`,
        measured,
        ...(isModelled ? [model] : []),
      ]),
    ],
    { isNumbers: true },
  );
  return { rank: 8, head: ["", first], must: [], may: others };
}

function tierSection({ wire }: LoadReport): TextSection {
  if (wire.tiers.length === 0) return nothing;
  const rows = wire.tiers.map(({ tier, nodes, egressGbps, egressBytes, fillBytes, hitRatio }) => [
    `  ${tier}`,
    String(nodes),
    gbpsWords(egressGbps),
    bytesWords(egressBytes),
    fillBytes === null ? "-" : bytesWords(fillBytes),
    hitRatio === null ? "-" : percent(hitRatio),
  ]);
  const head = ["Tiers (measured)", "nodes", "egress", "sent", "fetched", "hits"];
  const [first = "", ...others] = columns([head, ...rows], { isNumbers: true });
  return { rank: 8, head: ["", first], must: [], may: others };
}

function processSection({ wire }: LoadReport): TextSection {
  // Edges first, then the dearest: a screen may have no room for all.
  const edgeFirst = (name: string): number => (name.startsWith("edge") ? 0 : 1);
  const dearest = wire.processes.toSorted(
    (a, b) => edgeFirst(a.name) - edgeFirst(b.name) || b.cores - a.cores,
  );
  const rows = dearest.map(({ name, cores, cpuCoresPerGbps, rssBytesMax }) => [
    `  ${name}`,
    decimal(cores),
    cpuCoresPerGbps === null ? "-" : decimal(cpuCoresPerGbps),
    bytesWords(rssBytesMax),
  ]);
  const head = ["Processes (measured)", "CPU cores", "cores per Gbps", "memory"];
  const [first = "", ...others] = columns([head, ...rows], { isNumbers: true });
  return { rank: 5, head: ["", first], must: [], may: others };
}

/** What drove the viewers of either kind. */
function engineSections(report: LoadReport): TextSection[] {
  const generator = wrap(`Generator (measured): ${generatorWords(report)}`, "  ");
  const { modelled } = report;
  const model =
    modelled === null
      ? []
      : [
          `Model (modelled): ${decimal(modelled.timeRatio)} s of the night a second, at most ${decimal(modelled.behindSecMax)} s behind its clock`,
        ];
  return [
    { rank: 9, head: [], must: generator, may: [] },
    { rank: 4, head: [], must: [], may: model },
  ];
}

/** A row a figure, a column for each number of viewers. */
function validationSection(report: LoadReport): TextSection {
  const rows = report.validation?.rows ?? [];
  if (rows.length === 0) {
    const words = "Model against wire: not compared in this run.";
    return { rank: 6, head: [], must: [], may: ["", words] };
  }
  const head = [
    "Model against wire",
    "gate",
    ...rows.map(({ viewers }) => `at ${counted(viewers)}`),
  ];
  const names = new Set(rows.flatMap(({ figures }) => figures.map(({ name }) => name)));
  const cells = [...names].map((name) => {
    const found = rows.map(({ figures }) => figures.find((figure) => figure.name === name));
    const gate = found.find((one) => (one?.gate ?? null) !== null)?.gate ?? null;
    const differences = found.map((one) => {
      if (one === undefined) return "-";
      return `${one.ok ? "" : "RED "}${differenceWords(one)}`;
    });
    return [`  ${name}`, gate === null ? "-" : gateWords(name, gate), ...differences];
  });
  const [first = "", ...others] = columns([head, ...cells], { isNumbers: true });
  const few = fewViewersWords(report);
  const must = [...redText(report, ["validation"]), ...(few === "" ? [] : [`  ${few}`])];
  return { rank: 7, head: ["", first], must, may: others };
}

function conservationSection(report: LoadReport): TextSection {
  const { conservation } = report;
  if (conservation.length === 0) return nothing;
  const held = conservation
    .filter(({ ok }) => ok)
    .map(
      ({ name, differenceRatio, bound }) =>
        `  ok   ${name}: ${percent(differenceRatio)} apart (at most ${percent(bound)})`,
    );
  const red = redText(report, ["conservation"]);
  return { rank: 6, head: ["", "Conservation (measured)"], must: red, may: held };
}

function checkSection(report: LoadReport): TextSection {
  const lines = [...report.checks, ...report.budgets];
  const held = lines.filter(({ ok }) => ok).length;
  const words = held === lines.length ? `all ${held} hold` : `${held} of ${lines.length} hold`;
  const red = redText(report, ["checks", "budgets"]);
  const must = [...red, ...(held === 0 ? [] : [`  ok   ${words}`])];
  return { rank: 9, head: ["", "Checks and budgets"], must, may: [] };
}

function caveatSection({ caveats }: LoadReport): TextSection {
  const lines = caveats.flatMap((caveat) => wrap(`Note: ${caveat}`, "      "));
  return { rank: 1, head: [], must: [], may: lines };
}

const nothing: TextSection = { rank: 0, head: [], must: [], may: [] };

function redText(report: LoadReport, sections: readonly RedLine["section"][]): string[] {
  const all = redLinesOf(report);
  const red = all.filter(({ section }) => sections.includes(section));
  const shown = all.length <= redCountMax ? red : red.slice(0, redSectionCountMax);
  const more = red.length - shown.length;
  return [
    ...shown.flatMap(({ name, evidence, words, lookAt }, i) => {
      // Once for neighbours that send to the same place.
      const isSaid = lookAt !== "" && lookAt !== shown[i + 1]?.lookAt;
      const look = isSaid ? `; look at ${lookAt}` : "";
      return wrap(`  RED  ${name} (${evidence}): ${words}${look}`, "       ");
    }),
    ...(more > 0 ? [`  RED  and ${more} more in report.html`] : []),
  ];
}
