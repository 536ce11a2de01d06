/** A knee report as one screen of text, and a step as one line while the search goes on. */
import type { KneeReport } from "../../src/config/schema-knee-report.ts";
import { bytesWords, gbpsWords } from "../report/load-words.ts";
import { counted, decimal, milliseconds, percent, things } from "../report/number-format.ts";
import { columns } from "../report/text-columns.ts";
import { fitted, wrapped } from "../report/text-screen.ts";

type Step = KneeReport["steps"][number];

const screen = { lineCountMax: 48, columnCountMax: 100 } as const;

/** "2,000 viewers: good, 1.40 Gbps; edges 0.60 cores (busiest 0.31), k6 0.90, ..." */
export function stepWords(step: Step): string {
  const { viewers, gbps, edgeCores, busiestEdge, generatorCores, machineBusyRatio } = step;
  const [first] = step.broken;
  const state = first === undefined ? "good" : `broken (${first.cause})`;
  return (
    `${things(viewers, "viewer")}: ${state}, ${gbpsWords(gbps)}; edges ${decimal(edgeCores)} cores ` +
    `(busiest ${decimal(busiestEdge.cores)}), k6 ${decimal(generatorCores)}, ` +
    `machine ${percent(machineBusyRatio)} (others ${decimal(step.otherCores)} cores)` +
    (first === undefined ? "" : `. ${first.words}`)
  );
}

/** "20 viewers: other programs used 1.96 cores; once more". */
export function disturbedWords({ viewers, otherCores }: Step): string {
  return `${things(viewers, "viewer")}: other programs used ${decimal(otherCores)} cores and broke it; once more`;
}

/** At most 48 lines of at most 100 columns, which end with a newline; the knee is first. */
export function kneeText(report: KneeReport): string {
  const notes = report.caveats.flatMap((caveat) => wrap(`Note: ${caveat}`, "      "));
  const steps = stepLines(report);
  const sections = [
    { rank: 9, head: [], must: headLines(report), may: [] },
    { rank: 2, head: ["", ...steps.slice(0, 2)], must: [], may: steps.slice(2) },
    { rank: 9, head: [], must: ["", ...coreLines(report)], may: [] },
    { rank: 9, head: [], must: ["", ...extrapolatedLines(report)], may: [] },
    { rank: 1, head: [""], must: [], may: notes },
  ];
  return fitted(sections, { lineCountMax: screen.lineCountMax, moreWords: "The rest: --json" })
    .map((line) => `${line.slice(0, screen.columnCountMax).trimEnd()}\n`)
    .join("");
}

function wrap(text: string, indent: string): string[] {
  return wrapped(text, { columnCountMax: screen.columnCountMax, indent });
}

/** After "At 4,500 viewers". */
const ended: Readonly<Record<KneeReport["end"]["by"], string>> = {
  "edge CPU": "edge CPU broke first",
  generator: "the generator broke first",
  machine: "the machine as a whole broke first",
  quality: "quality broke, with no resource out of bounds",
  descriptors: "descriptors ended it, before anything broke",
  ports: "local ports ended it, before anything broke",
  range: "the range ended; nothing broke",
  limits: "the search ended; nothing broke",
};

/** Of these ends something broke; without it there is no knee, only what was carried. */
const brokenBy = ["edge CPU", "generator", "machine", "quality"] as const;

function headLines({ knee, end, ...report }: KneeReport): string[] {
  const { viewers, gbps, edges } = knee;
  const isReached = (brokenBy as readonly string[]).includes(end.by);
  const more = end.also.slice(0, 3);
  return [
    `${isReached ? "KNEE (measured):" : "KNEE NOT REACHED (measured): at least"} ${things(viewers, "viewer")}, ${gbpsWords(gbps)} from ${things(edges, "edge")}`,
    ...wrap(`  At ${things(end.viewers, "viewer")} ${ended[end.by]}: ${end.words}`, "    "),
    ...more.flatMap((words) => wrap(`  also: ${words}`, "    ")),
    ...(end.also.length > more.length ? [`  also: ${end.also.length - more.length} more`] : []),
    ...wrap(
      `  scenario ${report.scenario}, rungs ${report.rungsKbps.join(", ")} kbps, steps of ${report.stepSec} s, commit ${report.commit}`,
      "    ",
    ),
    ...wrap(
      `  ${things(report.host.cores, "core")} (${report.host.cpu}), ${bytesWords(report.host.memoryBytes)}, ${counted(report.host.openFilesMax)} open files, k6 ${report.host.k6}`,
      "    ",
    ),
  ];
}

function stepLines({ steps }: KneeReport): string[] {
  const head = [
    ...["  viewers", "Gbps", "edges", "busiest", "k6", "machine", "others", "late", "start p95"],
    ...["broke"],
  ];
  const rows = steps.map((step) => [
    `  ${counted(step.viewers)}`,
    decimal(step.gbps),
    decimal(step.edgeCores),
    decimal(step.busiestEdge.cores),
    decimal(step.generatorCores),
    percent(step.machineBusyRatio),
    decimal(step.otherCores),
    percent(step.lateSegmentRatio),
    milliseconds(step.startupMsP95),
    step.broken[0]?.cause ?? "-",
  ]);
  return [
    "Steps (measured; edges, the busiest of them, k6 and others in cores)",
    ...columns([head, ...rows], { isNumbers: true }),
  ];
}

function coreLines({ knee, end }: KneeReport): string[] {
  const { asUsed, atLimit } = knee.perEdgeCore;
  const rows = [
    ["Per edge core (measured)", "viewers", "Gbps"],
    [
      `  as used (${decimal(knee.edgeCores)} cores by CPU time)`,
      counted(asUsed.viewers),
      decimal(asUsed.gbps),
    ],
    ...(atLimit === null
      ? []
      : [
          [
            `  at its limit (${things(knee.edges, "edge")}, a core each)`,
            counted(atLimit.viewers),
            decimal(atLimit.gbps),
          ],
        ]),
  ];
  const per = `  a viewer: ${bytesWords(knee.edgeBytesPerViewer)} of edge (idle ${bytesWords(knee.edgeBytesIdle)}), ${bytesWords(knee.generatorBytesPerViewer)} of k6, ${decimal(knee.socketsPerViewer)} sockets`;
  return [
    ...columns(rows, { isNumbers: true }),
    ...(atLimit === null ? [`  its limit was not reached (${end.by})`] : []),
    per,
  ];
}

function extrapolatedLines({ extrapolated }: KneeReport): string[] {
  const { viewers, machine, edgeMachines, generatorMachines, ...rest } = extrapolated;
  const row = (name: string, value: string, formula: string): string[] => [
    `  ${name}`,
    value,
    `= ${formula}`,
  ];
  const size = `${machine.cores} cores, ${machine.nicGbps} GbE, ${bytesWords(machine.memoryBytes)}, ${counted(machine.sockets)} sockets`;
  const figures = columns([
    row("Gbps", decimal(rest.gbps.value), rest.gbps.formula),
    row("edge cores", counted(rest.edgeCores.value), rest.edgeCores.formula),
    row("generator cores", counted(rest.generatorCores.value), rest.generatorCores.formula),
    row("NICs of 10 GbE", counted(rest.nicsAt10GbE.value), rest.nicsAt10GbE.formula),
    row("NICs of 25 GbE", counted(rest.nicsAt25GbE.value), rest.nicsAt25GbE.formula),
    row("NICs of 100 GbE", counted(rest.nicsAt100GbE.value), rest.nicsAt100GbE.formula),
    row("edge memory", bytesWords(rest.edgeBytes.value), rest.edgeBytes.formula),
    row("generator memory", bytesWords(rest.generatorBytes.value), rest.generatorBytes.formula),
    row("sockets", counted(rest.sockets.value), rest.sockets.formula),
    row("edge machines", counted(edgeMachines.value), edgeMachines.formula),
    row("generator machines", counted(generatorMachines.value), generatorMachines.formula),
  ]);
  return [
    `For ${things(viewers, "viewer")} (every figure extrapolated)`,
    ...figures,
    `  Machines of ${size}.`,
    `  ${deciding("edge", edgeMachines)}`,
    `  ${deciding("generator", generatorMachines)}`,
  ];
}

/** "Edge machines: network decides (cores 3, network 13, memory 1, sockets 1)." */
function deciding(
  tier: string,
  { decidedBy, byResource }: KneeReport["extrapolated"]["edgeMachines"],
): string {
  const each = Object.entries(byResource).map(([resource, value]) => `${resource} ${value}`);
  const verb = decidedBy.endsWith("s") ? "decide" : "decides";
  return `Of ${tier} machines, ${decidedBy} ${verb} (${each.join(", ")}).`;
}
