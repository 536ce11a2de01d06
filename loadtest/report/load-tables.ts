/** The tables of a load test's page. */
import { validationViewersMin } from "../../src/config/schema-load-report-rules.ts";
import type { LoadReport } from "../../src/config/schema-load-report.ts";
import { html, type Html } from "./html.ts";
import { comparedFigures } from "./load-compared.ts";
import {
  bytesWords,
  differenceWords,
  gateWords,
  gbpsWords,
  millisecondsOrNone,
  sideWords,
  valueWords,
} from "./load-words.ts";
import { counted, decimal, milliseconds, percent } from "./number-format.ts";
import { table, type Column } from "./page-parts.ts";

type Cells = readonly (string | Html)[];

/** A word, with a colour beside it. */
function outcome(ok: boolean): Html {
  return ok ? html`<span class="good">ok</span>` : html`<span class="bad">RED</span>`;
}

const number = (head: string): Column => ({ head, isNumber: true });

/** Red rows first, in their order. */
function redFirst<T extends { ok: boolean }>(rows: readonly T[]): T[] {
  return [...rows.filter(({ ok }) => !ok), ...rows.filter(({ ok }) => ok)];
}

function boxed(columns: readonly Column[], rows: readonly Cells[]): Html {
  return html`<div class="plain">${table(columns, rows)}</div> `;
}

/** Rows with their verdict in the second column, where a phone still shows it; red ones first. */
function judged(
  columns: readonly Column[],
  rows: readonly { ok: boolean; verdict?: Html; cells: Cells }[],
): Html {
  const [first, ...others] = columns;
  const cells = redFirst(rows).map(({ ok, verdict = outcome(ok), cells: [name, ...rest] }) => [
    ...[name!, verdict, ...rest],
  ]);
  return html`<div class="plain verdicts">
    ${table([first!, { head: "Verdict" }, ...others], cells)}
  </div> `;
}

export function comparedTable(report: LoadReport): Html {
  const hasModel = report.modelled !== null;
  const rows = comparedFigures(report)
    .filter(({ measured, modelled }) => measured !== "-" || modelled !== "-")
    .map(({ label, measured, modelled, meaning }) => [
      html`${label} <span class="note">${meaning}</span>`,
      measured,
      ...(hasModel ? [modelled] : []),
    ]);
  const heads = [number("Measured"), ...(hasModel ? [number("Modelled")] : [])];
  return boxed([{ head: "Figure" }, ...heads], rows);
}

/** What only the wire tells of its viewers. */
export function wireTable({ wire }: LoadReport): Html {
  const { quality, cache } = wire;
  const rungs = Object.entries(quality.rungShare ?? {}).sort(([a], [b]) => Number(a) - Number(b));
  return boxed(
    [{ head: "Figure" }, number("Measured")],
    [
      ["Requests", counted(quality.requests)],
      ["Of them failed", percent(quality.failedRatio)],
      ["Segments after their deadline", percent(quality.lateSegmentRatio)],
      ["Playlists, from when they were due, 99 in 100", millisecondsOrNone(quality.playlistMsP99)],
      ["Age of the newest segment listed, 99 in 100", millisecondsOrNone(quality.playlistAgeMsP99)],
      [
        "Segments verified by digest",
        `${counted(quality.digestChecks)}, ${counted(quality.digestFailures)} wrong`,
      ],
      ...(cache === null
        ? []
        : [
            ["Segments that began a fill", percent(cache.missRatio)],
            ["Segments that were out of date", percent(cache.staleRatio)],
          ]),
      ...rungs.map(([kbps, ratio]) => [`Segments of ${kbps} kbps`, percent(ratio)]),
    ],
  );
}

export function tierTable({ wire }: LoadReport): Html {
  return boxed(
    [{ head: "Tier" }, ...["Nodes", "Egress", "Sent", "Fetched", "Hit ratio"].map(number)],
    wire.tiers.map(({ tier, nodes, egressGbps, egressBytes, fillBytes, hitRatio }) => [
      tier,
      String(nodes),
      gbpsWords(egressGbps),
      bytesWords(egressBytes),
      fillBytes === null ? "-" : bytesWords(fillBytes),
      hitRatio === null ? "-" : percent(hitRatio),
    ]),
  );
}

export function processTable({ wire }: LoadReport): Html {
  return boxed(
    [
      { head: "Process" },
      ...["CPU cores", "Cores per Gbps", "CPU time", "Memory, at most"].map(number),
    ],
    wire.processes.map(({ name, cores, cpuCoresPerGbps, cpuSec, rssBytesMax }) => [
      name,
      decimal(cores),
      cpuCoresPerGbps === null ? "-" : decimal(cpuCoresPerGbps),
      `${decimal(cpuSec)} s`,
      bytesWords(rssBytesMax),
    ]),
  );
}

export function generatorTable({ generator }: LoadReport): Html {
  const { scheduleLagMsP99 } = generator;
  return boxed(
    [{ head: "Generator" }, number("Measured"), { head: "The run is void" }],
    [
      ["Version of k6", generator.k6Version, ""],
      ["Cores that it may use", decimal(generator.cores), ""],
      ["Of them busy", percent(generator.busyRatio), "over 85 %"],
      ["Viewers woken late, 99 in 100", milliseconds(scheduleLagMsP99), "over 250 ms"],
      ["Viewers dropped", counted(generator.droppedIterations), "over 0"],
      ["k6's virtual users", counted(generator.vus), ""],
      ["Memory", bytesWords(generator.rssBytes), ""],
      ["Memory a viewer", bytesWords(generator.bytesPerViewer), ""],
      ["All cores of the machine busy", percent(generator.machineBusyRatio), ""],
    ],
  );
}

export function validationTable({ rows }: NonNullable<LoadReport["validation"]>): Html {
  const columns = ["Viewers", "Measured", "Modelled", "Difference", "Gate"].map(number);
  const lines = rows.flatMap(({ viewers, figures }) =>
    figures.map((figure) => {
      const { name, measured, modelled, gate, ok } = figure;
      return {
        ok,
        ...(gate === null ? { verdict: html`<span class="soft">${unjudged(viewers)}</span>` } : {}),
        cells: [
          ...[name, counted(viewers), sideWords(name, measured), sideWords(name, modelled)],
          ...[differenceWords(figure), gate === null ? "-" : gateWords(name, gate)],
        ],
      };
    }),
  );
  return judged([{ head: "Figure" }, ...columns], lines);
}

function unjudged(viewers: number): string {
  return viewers < validationViewersMin ? "too few viewers to judge" : "not judged";
}

/** Both sides' parameters beside one another; what differs is said. */
export function parameterTable({
  wireParameters,
  modelParameters,
}: NonNullable<LoadReport["validation"]>): Html {
  const [wire, model] = [flat(wireParameters), flat(modelParameters)];
  const names = [...new Set([...Object.keys(wire), ...Object.keys(model)])];
  return boxed(
    [{ head: "Parameter" }, { head: "Wire" }, { head: "Model" }, { head: "" }],
    names.map((name) => {
      const [left, right] = [wire[name] ?? "-", model[name] ?? "-"];
      return [name, left, right, left === right ? "" : html`<strong>differs</strong>`];
    }),
  );
}

type RunParameters = NonNullable<LoadReport["validation"]>["wireParameters"];

function flat(parameters: RunParameters): Record<string, string> {
  const { linkClasses, segmentBytesMeanByRung, sharedEdgeKbps, others = {} } = parameters;
  const sizes = Object.entries(segmentBytesMeanByRung).map(([kbps, bytes]): [string, string] => [
    `segment of ${kbps} kbps, mean`,
    bytesWords(bytes),
  ]);
  const lines = linkClasses.map(({ ratio, kbps }) => `${percent(ratio)} at ${decimal(kbps)} kbps`);
  return {
    "segment duration": milliseconds(parameters.segmentDurationMs),
    ...Object.fromEntries(sizes),
    edges: counted(parameters.edges),
    "viewers' lines": lines.length === 0 ? "not emulated" : lines.join(", "),
    "shared by an edge's viewers":
      sharedEdgeKbps === null ? "not emulated" : `${decimal(sharedEdgeKbps)} kbps`,
    "round trip": milliseconds(parameters.rttMs),
    arrivals: parameters.arrivals,
    duration: `${decimal(parameters.durationSec)} s`,
    ...Object.fromEntries(Object.entries(others).map(([name, value]) => [name, String(value)])),
  };
}

export function conservationTable({ conservation }: LoadReport): Html {
  const side = ({ name, bytes }: { name: string; bytes: number }): Html =>
    html`${counted(bytes)} <span class="note">${name}</span>`;
  return judged(
    [{ head: "What has to be equal" }, ...["Bytes", "Bytes", "Apart", "At most"].map(number)],
    conservation.map(({ name, left, right, differenceRatio, bound, ok }) => ({
      ok,
      cells: [name, side(left), side(right), percent(differenceRatio), percent(bound)],
    })),
  );
}

export function checkTable({ checks, budgets }: LoadReport): Html {
  const named = (name: string, note: string, lookAt: string | undefined): Html => {
    const look = lookAt === undefined ? "" : ` Look at ${lookAt}.`;
    return html`${name} <span class="note">${note}.${look}</span>`;
  };
  return judged(
    [{ head: "What had to hold" }, { head: "Evidence" }, number("Value"), number("Bound")],
    [
      ...checks.map(({ name, what, evidence, value, unit, bound, ok, lookAt }) => ({
        ok,
        cells: [
          named(name, what, ok ? undefined : lookAt),
          ...[evidence, valueWords(value, unit), bound],
        ],
      })),
      ...budgets.map(({ name, value, unit, bound, ok, lookAt }) => ({
        ok,
        cells: [
          named(name, "Budget", ok ? undefined : lookAt),
          ...["measured", valueWords(value, unit), `at most ${valueWords(bound, unit)}`],
        ],
      })),
    ],
  );
}
