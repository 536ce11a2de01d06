/** The pictures of one run's report. */
import type { ModelReport } from "../../src/config/schema-model-report.ts";
import { distributionChart, intervalsOf, intervalWords, type Distribution } from "./bar-chart.ts";
import { smallChart } from "./chart-frame.ts";
import { changesOf } from "./event-words.ts";
import { markFor } from "./headline-figures.ts";
import type { Html } from "./html.ts";
import { counted, decimal, percent } from "./number-format.ts";
import { figure, table } from "./page-parts.ts";
import { rungStyle } from "./page-style.ts";
import { timeChart, type Series, type TimeChart, type TimeMark } from "./time-chart.ts";
import {
  asPercent,
  bare,
  pointsOf,
  timeNumbers,
  timePicture,
  type TimePicture,
} from "./time-picture.ts";

type Row = ModelReport["timeline"][number];

/** Marks that still can be told apart. */
const markCountMax = 20;

/** A picture of one line over the time of a model run. */
interface RunPicture extends Pick<
  TimePicture<Row>,
  "id" | "title" | "caption" | "unit" | "write" | "writeTick" | "valueMax" | "reference" | "isWide"
> {
  style: string;
  valueOf: (row: Row) => number;
}

const gbps = (value: number): string => `${decimal(value)} Gbps`;

/** Over time: what the edges send, and beside it who watches and how they fare. */
export function timePictures(report: ModelReport): { main: Html; others: Html[] } {
  const hasPeers = report.timeline.some(({ p2pRatio }) => p2pRatio > 0);
  const others = [
    runPicture(report, viewersPicture),
    rungPicture(report),
    ...[stallPicture, utilisationPicture, fillPicture].map((one) => runPicture(report, one)),
    runPicture(report, hasPeers ? peerPicture : { ...peerPicture, caption: noPeersCaption }),
  ];
  return { main: mainPicture(report), others };
}

function mainPicture(report: ModelReport): Html {
  const { gbps: value, label } = markFor([report.headline]);
  return runPicture(report, { ...egressPicture, reference: { value, label } });
}

/** The few that a load test shows beside what it measured. */
export function modelPictures(report: ModelReport): { main: Html; others: Html[] } {
  const others = [viewersPicture, stallPicture].map((one) => runPicture(report, one));
  return { main: mainPicture(report), others };
}

const egressPicture: RunPicture = {
  id: "gbps",
  title: "What the edges send, modelled",
  caption: "Gbps of media, all edges together, beside what the CDN of 3 March 2008 peaked at.",
  unit: "Gbps",
  style: "main",
  valueOf: (row) => row.egressGbps,
  write: gbps,
  isWide: true,
};

const viewersPicture: RunPicture = {
  id: "viewers",
  title: "Who is watching, modelled",
  caption: "Sessions that are open.",
  unit: "viewers",
  style: "cool",
  valueOf: (row) => row.viewers,
  write: counted,
  writeTick: viewersTick,
};

const stallPicture: RunPicture = {
  id: "stalls",
  title: "Frozen pictures, modelled",
  caption: "Share of the open sessions whose picture stands still.",
  unit: "of viewers",
  style: "main",
  valueOf: (row) => row.stalledRatio,
  write: percent,
  writeTick: asPercent,
};

const utilisationPicture: RunPicture = {
  id: "utilisation",
  title: "How full the edges are, modelled",
  caption: "Share of the capacity of all edges that is in use.",
  unit: "of capacity",
  style: "leaf",
  valueOf: (row) => row.edgeUtilisation,
  write: percent,
  writeTick: asPercent,
  valueMax: 1,
};

const fillPicture: RunPicture = {
  id: "fill",
  title: "What the edges fetch, modelled",
  caption: "Gbps from the relays above them: each segment once an edge, however many watch.",
  unit: "Gbps",
  style: "cool",
  valueOf: (row) => row.fillGbps,
  write: gbps,
};

const peerPicture: RunPicture = {
  id: "peers",
  title: "What viewers pass on, modelled",
  caption: "Share of what viewers receive that comes from other viewers.",
  unit: "of what viewers receive",
  style: "leaf",
  valueOf: (row) => row.p2pRatio,
  write: percent,
  writeTick: asPercent,
  valueMax: 0.1,
};
const noPeersCaption = "Nothing: no viewer passes segments on in this scenario.";

/** How viewers and edges differ from one another. */
export function distributionPictures({ distributions }: ModelReport): Html[] {
  return [
    distributionPicture({
      id: "start",
      title: "How long it takes to start, modelled",
      caption: "Sessions by time from joining to the first picture, over the whole run.",
      distribution: distributions.startupMs,
      ...{ counted: "sessions", below: "seconds", style: "cool" },
      writeBound: (ms) => bare(ms / 1_000),
    }),
    distributionPicture({
      id: "frozen",
      title: "Who had to endure stalls, modelled",
      caption: "Sessions by share of their time with a frozen picture, over the whole run.",
      distribution: distributions.stallRatio,
      ...{ counted: "sessions", below: "% of the session's time", style: "main" },
      writeBound: (ratio) => bare(ratio * 100),
    }),
    distributionPicture({
      id: "rates",
      title: "What rate viewers got, modelled",
      caption: "Sessions by mean rate over the whole run, unplayed media included.",
      distribution: distributions.sessionKbps,
      ...{ counted: "sessions", below: "kbps", style: "brass" },
      writeBound: bare,
    }),
    distributionPicture({
      id: "edges",
      title: "How evenly the edges are used, modelled",
      caption: "Edges by utilisation over the plateau.",
      distribution: distributions.edgeUtilisation,
      ...{ counted: "edges", below: "% of the edge's capacity", style: "leaf" },
      writeBound: (ratio) => bare(ratio * 100),
    }),
  ];
}

/** Signs for the faults and changes, in their order. */
export function marksOf(report: ModelReport): TimeMark[] {
  return changesOf(report)
    .slice(0, markCountMax)
    .map(({ tSec }, i) => ({ tSec, sign: String(i + 1) }));
}

/** The end of the last row: rows stand for the interval that begins at their instant. */
export function durationOf({ timeline, headline }: ModelReport): number {
  return (timeline.at(-1)?.tSec ?? 0) + headline.segmentDurationSec;
}

function runPicture(report: ModelReport, picture: RunPicture): Html {
  const { style, valueOf, ...shared } = picture;
  return timePicture(report.timeline, {
    ...shared,
    evidence: "modelled",
    durationSec: durationOf(report),
    lines: [{ name: picture.unit, style, valueOf }],
    marks: marksOf(report),
  });
}

function rungPicture(report: ModelReport): Html {
  const rungs = Object.keys(report.timeline[0]?.rungShare ?? report.headline.rungShare)
    .map(Number)
    .sort((a, b) => a - b);
  const shareOf = (kbps: number) => (row: Row) => row.rungShare[String(kbps)] ?? 0;
  const series = rungs.map((kbps, i): Series => ({
    name: `${kbps} kbps`,
    style: rungStyle(i, rungs.length),
    points: pointsOf(report.timeline, shareOf(kbps)),
  }));
  const chart: TimeChart = {
    id: "rungs",
    title: "Which qualities are watched, modelled",
    description: `Share of the segments fetched, by rung: ${rungs.join(", ")} kbps from the bottom up.`,
    size: smallChart,
    unit: "of segments, modelled",
    durationSec: durationOf(report),
    series,
    isStacked: true,
    marks: marksOf(report),
    writeTick: asPercent,
    writeValue: percent,
  };
  return figure({
    title: chart.title,
    caption: "Share of the segments fetched, by rung: the lowest at the bottom.",
    picture: timeChart(chart),
    legend: series.map(({ name, style }) => ({ name, style })),
    numbers: timeNumbers(
      report.timeline,
      rungs.map((kbps) => ({ head: `${kbps} kbps`, valueOf: shareOf(kbps), write: percent })),
    ),
  });
}

interface DistributionPicture {
  id: string;
  title: string;
  caption: string;
  distribution: Distribution;
  counted: string;
  below: string;
  style: string;
  writeBound: (bound: number) => string;
}

function distributionPicture(picture: DistributionPicture): Html {
  const { title, caption, distribution, writeBound } = picture;
  const intervals = intervalsOf(distribution);
  const total = intervals.reduce((sum, { count }) => sum + count, 0);
  const rows = intervals.map((interval) => [
    intervalWords(interval, writeBound),
    counted(interval.count),
    percent(total === 0 ? 0 : interval.count / total),
  ]);
  return figure({
    title,
    caption,
    picture: distributionChart({ ...picture, description: caption, size: smallChart }),
    numbers: table(
      [
        { head: picture.below },
        { head: picture.counted, isNumber: true },
        { head: "share", isNumber: true },
      ],
      rows,
    ),
  });
}

function viewersTick(value: number): string {
  if (value >= 1e6) return `${bare(value / 1e6)} M`;
  return value >= 1_000 ? `${bare(value / 1_000)} k` : bare(value);
}
