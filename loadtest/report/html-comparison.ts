/** Several model runs side by side as a page that stands alone: one picture and one table. */
import type { ModelReport } from "../../src/config/schema-model-report.ts";
import { balancesOf } from "./balances.ts";
import { comparisonChart } from "./bar-chart.ts";
import { smallChart, wideChart, type ChartSize } from "./chart-frame.ts";
import { comparedRows, comparedRungs, sharedWords } from "./compared-figures.ts";
import {
  figureOf,
  markFor,
  nobodyPlays,
  type FigureKey,
  type Headline,
} from "./headline-figures.ts";
import { html, type Html } from "./html.ts";
import { changeOf, decimal, percent } from "./number-format.ts";
import { facts, figure, htmlDocument, table, type Column } from "./page-parts.ts";
import { changesWords, commandLineOf, type RunCommand } from "./run-command.ts";
import { scenarioStyleCount } from "./page-style.ts";
import { durationOf } from "./report-charts.ts";
import { timeChart } from "./time-chart.ts";
import { pointsOf } from "./time-picture.ts";

/** The page; it ends with a newline. */
export function htmlComparison(reports: readonly ModelReport[], command: RunCommand): string {
  const names = reports.map(({ scenario }) => scenario);
  return htmlDocument(`${names.join(", ")} compared (modelled)`, [
    head(reports, changesWords(command)),
    overTime(reports),
    html`<div class="grid-2" style="margin-top:1rem">${barFigures(reports)}</div> `,
    tableSection(reports),
    html`<footer class="note">
      <p>
        Modelled means: computed by a simulator in virtual time from the scenarios' assumptions,
        with the relay's and the player's own rules. Nothing on this page was measured through
        sockets. Gbps are decimal and count media payload. Edges needed: the peak with 6 % of
        protocols added, each machine's network card filled to four fifths.
      </p>
      <p>
        The same scenarios, seeds and commit give the same figures:
        <code>${commandLineOf(command)}</code>.
      </p>
    </footer> `,
  ]);
}

/** The class that colours a scenario; more scenarios than colours begin again. */
function styleOf(index: number): string {
  return `scenario-${index % scenarioStyleCount}`;
}

function head(reports: readonly ModelReport[], changes: string): Html {
  const list = reports.map(
    ({ scenario, title }, i) =>
      html`<li>
        <svg viewBox="0 0 30 16" aria-hidden="true">
          <path class="bar ${styleOf(i)}" d="M6 1h18v14h-18z" /></svg
        ><span><strong>${scenario}</strong>${title === "" ? "" : `: ${title}`}</span>
      </li>`,
  );
  return html`<header>
    <p class="eyebrow"><span class="badge">modelled</span> Fullhouse: the night in virtual time</p>
    <h1>${reports.length} scenarios, side by side</h1>
    <p class="verdict">${verdict(reports)}</p>
    <ul class="legend">
      ${list}
    </ul>
    ${facts([
      ...(changes === "" ? [] : [["Changed", changes] as const]),
      ["Seed", sharedWords(reports.map(({ seed }) => seed))],
      ["Commit", sharedWords(reports.map(({ commit }) => commit))],
    ])}
  </header> `;
}

/** What each does to the first one's traffic and stalls. */
function verdict([first, ...others]: readonly ModelReport[]): string {
  const base = first!.headline;
  const write = figureOf("egressGbpsMean").write;
  const clauses = others.map(({ scenario, headline }) => {
    const change = changeOf(headline.egressGbpsMean, base.egressGbpsMean);
    return `${scenario} at ${write(headline.egressGbpsMean)}${change === "" ? "" : ` (${change})`} ${stalledWords(headline)}`;
  });
  return `In this model, ${first!.scenario} draws ${write(base.egressGbpsMean)} ${stalledWords(base)}; ${clauses.join("; ")}.`;
}

function stalledWords(headline: Headline): string {
  if (nobodyPlays(headline)) return "and nobody sees a picture";
  return `with ${percent(headline.stallRatio)} of watching time stalled`;
}

function overTime(reports: readonly ModelReport[]): Html {
  const title = "What the edges send, modelled";
  const series = reports.map(({ scenario, timeline }, i) => ({
    name: scenario,
    style: styleOf(i),
    points: pointsOf(timeline, ({ egressGbps }) => egressGbps),
  }));
  const chart = (id: string, size: ChartSize): Html =>
    timeChart({
      ...{ id, title, size, series },
      description: `Gbps of media over time: ${reports.map(({ scenario, headline }) => `${scenario} ${decimal(headline.egressGbpsMean)} on average`).join(", ")}.`,
      unit: "Gbps, modelled",
      durationSec: Math.max(...reports.map(durationOf)),
      reference: markOf(reports),
      writeTick: (value) => String(Number(value.toPrecision(6))),
      writeValue: (value) => `${decimal(value)} Gbps`,
    });
  return figure({
    title,
    caption: "Gbps of media, all edges together, beside what the CDN of 3 March 2008 peaked at.",
    picture: { wide: chart("gbps", wideChart), narrow: chart("gbps-narrow", smallChart) },
    legend: series.map(({ name, style }) => ({ name, style, isLine: true })),
  });
}

function markOf(reports: readonly ModelReport[]): { value: number; label: string } {
  const { gbps: value, label } = markFor(reports.map(({ headline }) => headline));
  return { value, label };
}

function barFigures(reports: readonly ModelReport[]): Html[] {
  const bars: readonly [FigureKey, string, string][] = [
    ["egressGbpsMean", "Egress, mean, modelled", "Gbps that all edges together send."],
    ["stallRatio", "Stalled, modelled", "Share of watching time with a frozen picture."],
    ["edgesNeededAt10GbE", "Edges needed, modelled", "Machines with 10 GbE, for the peak."],
    ["startupMsP95", "Slow starts, modelled", "One viewer in twenty waits at least this long."],
  ];
  return bars.map(([key, title, caption]) =>
    figure({
      title,
      caption,
      picture: comparisonChart({
        id: key,
        title,
        description: caption,
        size: smallChart,
        write: figureOf(key).write,
        bars: reports.map(({ scenario, headline }, i) => ({
          name: scenario,
          value: headline[key],
          style: styleOf(i),
        })),
        ...(key === "egressGbpsMean" ? { reference: markOf(reports) } : {}),
      }),
    }),
  );
}

function tableSection(reports: readonly ModelReport[]): Html {
  const columns: Column[] = [
    { head: "Modelled" },
    ...reports.map(({ scenario }) => ({ head: scenario, isNumber: true })),
  ];
  const figures = comparedRows(reports).map(({ figure: { label, meaning }, cells }) => [
    html`${label} <span class="note">${meaning}</span>`,
    ...cells.map(({ text, change }) =>
      change === "" ? text : html`${text}<span class="change">${change}</span>`,
    ),
  ]);
  const rungs = comparedRungs(reports).map((kbps) => [
    html`${kbps} kbps <span class="note">share of viewing time in this quality</span>`,
    ...reports.map(({ headline }) => {
      const ratio = headline.rungShare[String(kbps)];
      return ratio === undefined ? "-" : percent(ratio);
    }),
  ]);
  const sums = [
    html`Does it add up? <span class="note">bytes and media time, over the whole run</span>`,
    ...reports.map((report) =>
      balancesOf(report).every(({ balances }) => balances)
        ? html`<span class="good">balances</span>`
        : html`<span class="bad">does not</span>`,
    ),
  ];
  return html`<h2>The figures, side by side</h2>
    <p class="soft">
      Modelled; means over each scenario's plateau, starts and peaks over the whole run. Changes are
      against ${reports[0]!.scenario}.
    </p>
    <div class="plain">${table(columns, [...figures, ...rungs, sums])}</div> `;
}
