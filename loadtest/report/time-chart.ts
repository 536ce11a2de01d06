/** Charts over the time of a run: lines, and areas stacked upon one another. */
import {
  captions,
  coordinate,
  drawing,
  valueGrid,
  type ChartFrame,
  type ChartSize,
} from "./chart-frame.ts";
import { scaleOf, timeTicks, valueTicks, type Scale } from "./chart-scale.ts";
import { keepExtremes, stretches, type Point } from "./downsample.ts";
import { html, type Html } from "./html.ts";
import { clock } from "./number-format.ts";

export interface Series {
  name: string;
  /** CSS class that colours it. */
  style: string;
  points: readonly Point[];
  /** Whether the area below the line is tinted. */
  isFilled?: boolean;
}

export interface TimeMark {
  tSec: number;
  /** A short sign at the line; its meaning is in the table of events. */
  sign: string;
}

export interface TimeChart extends ChartFrame {
  /** What the values are, such as "Gbps, modelled". */
  unit: string;
  durationSec: number;
  series: readonly Series[];
  /** Stacked: series are shares that lie upon one another, up to 1. */
  isStacked?: boolean;
  /** Least value that the axis reaches. */
  valueMax?: number;
  /** A horizontal line to compare with. */
  reference?: { value: number; label: string };
  marks?: readonly TimeMark[];
  writeTick: (value: number) => string;
  writeValue: (value: number) => string;
}

/** Hover areas a chart; each says the values of its stretch. */
const hoverCount = 96;

interface Area {
  size: ChartSize;
  x: Scale;
  y: Scale;
}

export function timeChart(chart: TimeChart): Html {
  const { size, durationSec } = chart;
  const ticks = valueTicks(greatest(chart), size.width > 800 ? 6 : 5);
  const area: Area = {
    size,
    x: scaleOf(durationSec, size.left, size.width - size.right),
    y: scaleOf(ticks.at(-1)!, size.height - size.bottom, size.top),
  };
  return drawing(chart, [
    valueGrid(size, { y: area.y, ticks, write: chart.writeTick }),
    timeAxis(area, durationSec),
    ...(chart.isStacked === true ? stack(chart, area) : lines(chart, area)),
    ...reference(chart, area),
    ...(chart.marks ?? []).map((mark) => markLine(mark, area)),
    captions(size, chart.unit, durationSec > 3_600 ? "hours : minutes" : "minutes"),
    hovers(chart, area),
  ]);
}

function greatest({ series, isStacked, valueMax = 0, reference }: TimeChart): number {
  if (isStacked === true) return 1;
  const values = series.flatMap(({ points }) => points.map(({ y }) => y));
  return values.reduce((a, b) => Math.max(a, b), Math.max(valueMax, (reference?.value ?? 0) * 1.1));
}

function timeAxis({ size, x }: Area, durationSec: number): Html {
  const bottom = size.height - size.bottom;
  const ticks = timeTicks(durationSec, size.width > 800 ? 12 : 6).map((tick) => {
    const at = coordinate(x(tick));
    return html`<path class="axis" d="M${at} ${bottom}v4" /><text
        class="tick"
        x="${at}"
        y="${bottom + 17}"
        text-anchor="middle"
        >${tickWords(tick, durationSec)}</text
      >`;
  });
  return html`<path class="axis" d="M${size.left} ${bottom}H${size.width - size.right}" />${ticks}`;
}

function tickWords(tick: number, durationSec: number): string {
  const minutes = Math.floor(tick / 60);
  if (durationSec <= 3_600) return tick % 60 === 0 ? String(minutes) : (tick / 60).toFixed(1);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}

function lines({ series }: TimeChart, area: Area): Html[] {
  const bottom = area.size.height - area.size.bottom;
  return series.map(({ name, style, points, isFilled }) => {
    const kept = keepExtremes(points, area.size.width);
    if (kept.length === 0) return html``;
    const path = pathOf(kept, area);
    const from = coordinate(area.x(kept[0]!.x));
    const to = coordinate(area.x(kept.at(-1)!.x));
    const fill =
      isFilled === true
        ? html`<path class="area ${style}" d="${path}L${to} ${bottom}L${from} ${bottom}Z" />`
        : html``;
    return html`${fill}<path class="line ${style}" data-series="${name}" d="${path}" />`;
  });
}

/** Each series upon the ones before it: bands from the sum below to the sum with it. */
function stack({ series }: TimeChart, area: Area): Html[] {
  const instants = stretches(series[0]?.points ?? [], 400);
  const values = series.map(({ points }) =>
    stretches(points, 400).map((stretch) => meanOf(stretch.map(({ y }) => y))),
  );
  let below = instants.map(() => 0);
  return series.map(({ name, style }, index) => {
    const above = below.map((sum, i) => sum + values[index]![i]!);
    const at = (sums: readonly number[]): Point[] =>
      sums.map((y, i) => ({ x: instants[i]![0]!.x, y }));
    const band = `${pathOf(at(above), area)}L${pathOf(at(below).reverse(), area).slice(1)}Z`;
    below = above;
    return html`<path class="band ${style}" data-series="${name}" d="${band}" />`;
  });
}

function pathOf(points: readonly Point[], { x, y }: Area): string {
  const steps = points.map((point) => `${coordinate(x(point.x))} ${coordinate(y(point.y))}`);
  return steps.length === 0 ? "" : `M${steps.join("L")}`;
}

function reference({ reference: line }: TimeChart, { size, y }: Area): Html[] {
  if (line === undefined) return [];
  const at = coordinate(y(line.value));
  const above = coordinate(y(line.value) - 6);
  // At the left, where the audience still arrives, lines seldom run.
  return [
    html`<path class="reference" d="M${size.left} ${at}H${size.width - size.right}" />
      <text class="reference-label" x="${size.left + 6}" y="${above}">${line.label}</text>`,
  ];
}

function markLine({ tSec, sign }: TimeMark, { size, x }: Area): Html {
  const at = coordinate(x(tSec));
  return html`<path class="mark" d="M${at} ${size.top}V${size.height - size.bottom}" /><circle
      class="mark-sign"
      cx="${at}"
      cy="${size.top - 8}"
      r="8"
    /><text class="mark-text" x="${at}" y="${size.top - 4}" text-anchor="middle">${sign}</text>`;
}

/** Invisible stripes: a pointer that rests on one reads the values there. */
function hovers({ series, durationSec, writeValue }: TimeChart, { size, x }: Area): Html {
  const stripes = series.map(({ points }) => stretches(points, hoverCount));
  const first = stripes[0] ?? [];
  const words = first.map((stretch, i) => {
    const values = series.map(({ name }, n) => {
      const middle = stripes[n]?.[i];
      return `${name}: ${middle === undefined ? "-" : writeValue(meanOf(middle.map(({ y }) => y)))}`;
    });
    const from = x(stretch[0]!.x);
    const to = i + 1 < first.length ? x(first[i + 1]![0]!.x) : x(durationSec);
    return html`<rect
      x="${coordinate(from)}"
      y="${size.top}"
      width="${coordinate(Math.max(0, to - from))}"
      height="${size.height - size.top - size.bottom}"
      ><title>${[clock(stretch[0]!.x), ...values].join("\n")}</title></rect
    >`;
  });
  return html`<g class="hover">${words}</g>`;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
