/**
 * The report of one run as a page that stands alone: the one an operator shows to others. No script,
 * nothing loaded; light and dark; legible on a phone and on paper.
 */
import type { ModelReport } from "../../src/config/schema-model-report.ts";
import { balancesOf } from "./balances.ts";
import { changesOf, describeEvent, fullness } from "./event-words.ts";
import {
  figureGroups,
  figureOf,
  markFor,
  nobodyPlays,
  nobodyWords,
  rungShares,
  type FigureKey,
} from "./headline-figures.ts";
import { html, type Html } from "./html.ts";
import { changeOf, clock, counted, decimal, exactly, percent, things } from "./number-format.ts";
import { facts, htmlDocument, table, tiles } from "./page-parts.ts";
import { changesWords, commandLineOf, type RunCommand } from "./run-command.ts";
import { distributionPictures, timePictures } from "./report-charts.ts";

/** Rows of the table of events; the report has them all. */
const eventRowMax = 100;

/** The page; it ends with a newline. */
export function htmlReport(report: ModelReport, command: RunCommand): string {
  const time = timePictures(report);
  const name = report.title === "" ? report.scenario : report.title;
  return htmlDocument(`${name} (modelled)`, [
    head(report, { name, changes: changesWords(command) }),
    keyTiles(report),
    html`<h2>The night</h2>
      <p class="soft">
        Every figure and picture on this page is modelled: computed in virtual time, not measured.
      </p>
      ${time.main}
      <div class="grid-2" style="margin-top:1rem">${time.others}</div> `,
    html`<h2>Viewers and edges are not all alike</h2>
      <p class="soft">The means above hide those who fare worst; these pictures show them.</p>
      <div class="grid-2">${distributionPictures(report)}</div> `,
    eventSection(report),
    figureSection(report),
    balanceSection(report),
    foot(report, command),
  ]);
}

function head(report: ModelReport, { name, changes }: { name: string; changes: string }): Html {
  const { scenario, seed, commit } = report;
  return html`<header>
    <p class="eyebrow"><span class="badge">modelled</span> Fullhouse: the night in virtual time</p>
    <h1>${name}</h1>
    <p class="verdict">${verdict(report)}</p>
    ${facts([
      ["Scenario", scenario],
      ...(changes === "" ? [] : [["Changed", changes] as const]),
      ["Seed", String(seed)],
      ["Commit", commit],
    ])}
  </header> `;
}

/** What came out, in plain words. */
function verdict({ headline }: ModelReport): string {
  const write = (key: FigureKey): string => figureOf(key).write(headline[key]);
  const viewers = things(headline.viewers, "viewer");
  if (nobodyPlays(headline))
    return `In this model, ${viewers} would watch. ${nobodyWords(headline)}`;
  const draw = headline.viewers === 1 ? "draws" : "draw";
  const stalled =
    headline.stallRatio === 0
      ? "No picture freezes."
      : `Pictures stand still for ${percent(headline.stallRatio)} of the time.`;
  const failed =
    headline.startFailureRatio < 0.005
      ? ""
      : ` ${percent(headline.startFailureRatio)} of the sessions never show a picture.`;
  const peers =
    headline.p2pOffloadRatio === 0
      ? ""
      : ` Viewers pass on ${percent(headline.p2pOffloadRatio)} of it among themselves.`;
  return `In this model, ${viewers} ${draw} ${write("egressGbpsMean")} from ${things(headline.edgeCount, "edge")} on average: ${besideRecord(headline)} reported of 3 March 2008. Whoever plays receives ${write("kbpsPerViewer")}.${peers} ${stalled}${failed}`;
}

/** "0.1 % below the 242 Gbps", "131 times the 242 Gbps". */
function besideRecord(headline: ModelReport["headline"]): string {
  const { gbps, words } = markFor([headline]);
  const change = changeOf(headline.egressGbpsMean, gbps);
  if (change === "") return words;
  if (change.startsWith("×")) return `${change.slice(2)} times ${words}`;
  return `${change.slice(1)} ${change.startsWith("-") ? "below" : "above"} ${words}`;
}

function keyTiles({ headline }: ModelReport): Html {
  const write = (key: FigureKey): string => figureOf(key).write(headline[key]);
  return tiles([
    {
      label: "Egress, mean",
      value: write("egressGbpsMean"),
      more: `peak ${write("egressGbpsPeak")}`,
    },
    {
      label: "Rate a viewer",
      value: write("kbpsPerViewer"),
      more: `${write("switchesPerMin")} switches a minute`,
    },
    {
      label: "Stalled",
      value: write("stallRatio"),
      more: `${write("stallsPerHour")} stalls an hour`,
    },
    {
      label: "Start, median",
      value: write("startupMsP50"),
      more: `one in twenty: ${write("startupMsP95")}`,
    },
    {
      label: "Edges in use",
      value: write("edgeUtilisation"),
      more: `of ${write("edgeCapacityGbps")}`,
    },
    {
      label: "Edges needed",
      value: write("edgesNeededAt10GbE"),
      more: `with 10 GbE; ${write("edgesNeededAt25GbE")} with 25`,
    },
  ]);
}

function eventSection(report: ModelReport): Html {
  const changes = changesOf(report);
  const full = fullness(report);
  if (changes.length === 0 && full === undefined) return html``;
  const rows = changes
    .slice(0, eventRowMax)
    .map((event, i) => [String(i + 1), clock(event.tSec), describeEvent(event)]);
  const more = changes.length - rows.length;
  const list =
    rows.length === 0
      ? html``
      : table([{ head: "Mark" }, { head: "At", isNumber: true }, { head: "What happened" }], rows);
  return html`<h2>What happened</h2>
    <p class="soft">
      The marks in the pictures over
      time.${more > 0 ? ` And ${more} more.` : ""}${full === undefined ? "" : ` In this model, ${full}.`}
    </p>
    <div class="plain events">${list}</div> `;
}

function figureSection({ headline }: ModelReport): Html {
  const groups = figureGroups.map(({ title, figures }) => {
    const rows = figures.map(
      ({ key, label, write, meaning }) =>
        html`<tr>
          <th scope="row">${label}</th>
          <td class="number">${write(headline[key])}</td>
          <td class="soft">${meaning}</td>
        </tr>`,
    );
    return html`<tr class="group">
        <th scope="rowgroup" colspan="3">${title}</th>
      </tr>
      ${rows}`;
  });
  const rungs = rungShares(headline).map(
    ({ kbps, ratio }) =>
      html`<tr>
        <th scope="row">${kbps} kbps</th>
        <td class="number">${percent(ratio)}</td>
        <td class="soft">share of viewing time in this quality</td>
      </tr>`,
  );
  return html`<h2>The figures</h2>
    <p class="soft">
      Modelled; means over the scenario's plateau; starts and peaks over the whole run.
    </p>
    <div class="plain scroll figures">
      <table>
        <thead>
          <tr>
            <th scope="col">Figure</th>
            <th scope="col" class="number">Modelled</th>
            <th scope="col">What it means</th>
          </tr>
        </thead>
        <tbody>
          ${groups}
          <tr class="group">
            <th scope="rowgroup" colspan="3">Qualities</th>
          </tr>
          ${rungs}
        </tbody>
      </table>
    </div> `;
}

function balanceSection(report: ModelReport): Html {
  const { relay } = report;
  const rows = balancesOf(report).map(({ what, left, right, unit, balances }) => [
    what,
    `${exactly(left)} ${unit}`,
    `${exactly(right)} ${unit}`,
    balances
      ? html`<span class="good">balances</span>`
      : html`<span class="bad">does not balance</span>`,
  ]);
  const relayRows = [
    ["Segments the edge had", percent(relay.hitRatio)],
    ["Segments on their way to the edge", percent(relay.joinRatio)],
    ["Requests that made an edge fetch", counted(relay.missCount)],
    ["Fetches", counted(relay.fillCount)],
    ["Fetches repeated at another parent", counted(relay.retryCount)],
  ];
  return html`<h2>Does it add up?</h2>
    <p class="soft">
      A model may invent nothing and lose nothing: these sums over the whole run are kept exactly.
    </p>
    <div class="plain">
      ${table(
        [
          { head: "What has to balance" },
          { head: "Left", isNumber: true },
          { head: "Right", isNumber: true },
          { head: "Verdict" },
        ],
        rows,
      )}
    </div>
    <h2>What the edges' caches did</h2>
    <p class="soft">
      Of what viewers asked of the edges, modelled with the rules of the relay that serves real
      viewers.
    </p>
    <div class="plain">
      ${table([{ head: "What" }, { head: "Modelled", isNumber: true }], relayRows)}
    </div> `;
}

function foot({ seed, commit, headline }: ModelReport, command: RunCommand): Html {
  return html`<footer class="note">
    <p>
      Modelled means: computed by a simulator in virtual time from the scenario's assumptions, with
      the relay's and the player's own rules. Nothing on this page was measured through sockets.
      Gbps are decimal and count media payload; on the wire, protocols add about 6 %. Edges needed:
      ${decimal(headline.egressGbpsPeak)} Gbps at the peak with that added, each machine's network
      card filled to four fifths.
    </p>
    <p>
      The same scenario, seed and commit give the same figures:
      <code>${commandLineOf({ ...command, seed })}</code> at ${commit}.
    </p>
  </footer> `;
}
