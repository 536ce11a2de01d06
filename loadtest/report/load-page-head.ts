/** The top of a load test's page: verdict, headline, what is red, and the figures to remember. */
import { costGbpsMin } from "../../src/config/schema-load-report-rules.ts";
import type { LoadReport } from "../../src/config/schema-load-report.ts";
import { html, type Html } from "./html.ts";
import { redLinesOf } from "./load-red-lines.ts";
import { audienceWords, bytesWords, gbpsWords, millisecondsOrNone } from "./load-words.ts";
import { decimal, percent, things } from "./number-format.ts";
import { facts, tiles } from "./page-parts.ts";

/** The title, or the scenario's name where it has none. */
export function loadName({ title, scenario }: LoadReport): string {
  return title === "" ? scenario : title;
}

export function loadHead(report: LoadReport): Html {
  const { verdict, evidence, scenario, seed, commit, startedUnixMs, parameters, host } = report;
  const look = verdict === "passed" ? "badge passed" : "badge";
  const { target } = parameters;
  return html`<header>
    <p class="eyebrow">
      <span class="${look}">${verdict}</span>
      <span class="badge plain-badge">${evidence}</span> Fullhouse load test: ${loadName(report)}
    </p>
    <h1>${audienceWords(report)}</h1>
    <p class="verdict">${sentence(report)}</p>
    ${facts([
      ["Scenario", scenario],
      ...(target === null ? [] : [["Target", target] as const]),
      ["Seed", String(seed)],
      ["Commit", commit],
      ["Started", `${new Date(startedUnixMs).toISOString().slice(0, 16).replace("T", " ")} UTC`],
      ["Machine", `${things(host.cores, "core")}, ${bytesWords(host.memoryBytes)}`],
    ])}
  </header> `;
}

/** What came out, in plain words. */
function sentence(report: LoadReport): string {
  const { headline, wire, verdict } = report;
  const { modelledGbpsMean } = headline;
  const real = `Measured: ${things(headline.realSockets, "real viewer")} drew ${gbpsWords(headline.measuredGbpsMean)} on average and saw frozen pictures for ${percent(wire.quality.stallRatio)} of the time.`;
  const model =
    headline.modelledViewers === null || modelledGbpsMean === null
      ? ""
      : ` Modelled: ${things(headline.modelledViewers, "viewer")} would draw ${gbpsWords(modelledGbpsMean)} on average.`;
  const red = redLinesOf(report).length;
  const end = {
    passed: " All that had to hold does.",
    missed: ` ${things(red, "line")} ${red === 1 ? "is" : "are"} red.`,
    void: " The run is void: do not use its figures.",
  };
  return `${real}${model}${end[verdict]}`;
}

/** What voids the run and what is red: before any figure. */
export function loadAlerts(report: LoadReport): Html {
  const { voidReasons } = report;
  const red = redLinesOf(report);
  const reasons = voidReasons.map((reason) => html`<li>${reason}</li>`);
  const lines = red.map(
    ({ name, evidence, words, lookAt }) =>
      html`<li>
        <span class="bad">RED</span> <strong>${name}</strong> (${evidence}): ${words}.
        ${lookAt === "" ? "" : `Look at ${lookAt}.`}
      </li>`,
  );
  const box = (title: string, items: readonly Html[]): Html =>
    items.length === 0
      ? html``
      : html`<div class="alert">
          <h2>${title}</h2>
          <ul>
            ${items}
          </ul>
        </div> `;
  return html`${box("Void: this run says nothing of the servers", reasons)}${box("What is red", lines)}`;
}

export function loadTiles({ headline, wire, generator }: LoadReport): Html {
  const { quality, cache, processes } = wire;
  const edges = processes.filter(({ name }) => name.startsWith("edge"));
  const edgeCores = edges.reduce((sum, { cores }) => sum + cores, 0);
  const isKnown = edges.length > 0 && headline.measuredGbpsMean >= costGbpsMin;
  const { modelledGbpsMean, modelledGbpsPeak } = headline;
  return tiles([
    {
      label: "Egress, measured",
      value: gbpsWords(headline.measuredGbpsMean),
      more: `peak ${gbpsWords(headline.measuredGbpsPeak)}`,
    },
    ...(modelledGbpsMean === null || modelledGbpsPeak === null
      ? []
      : [
          {
            label: "Egress, modelled",
            value: gbpsWords(modelledGbpsMean),
            more: `peak ${gbpsWords(modelledGbpsPeak)}`,
          },
        ]),
    {
      label: "Stalled, measured",
      value: percent(quality.stallRatio),
      more: `${decimal(quality.stallsPerHour)} stalls an hour`,
    },
    {
      label: "Start, measured",
      value: millisecondsOrNone(quality.startupMsP50),
      more: `median; slowest 5 %: ${millisecondsOrNone(quality.startupMsP95)}`,
    },
    ...(cache === null
      ? []
      : [
          {
            label: "Hit ratio, measured",
            value: percent(cache.hitRatio),
            more: `${percent(cache.joinRatio)} joined a fill`,
          },
        ]),
    ...(isKnown
      ? [
          {
            label: "Edge CPU, measured",
            value: `${decimal(edgeCores / headline.measuredGbpsMean)} cores`,
            more: "for each Gbps",
          },
        ]
      : [
          {
            label: "Generator, measured",
            value: percent(generator.busyRatio),
            more: `of ${things(generator.cores, "core")} busy`,
          },
        ]),
  ]);
}
