/** Bars: distributions with their intervals below, and one figure of several scenarios. */
import { captions, coordinate, drawing, valueGrid, type ChartFrame } from "./chart-frame.ts";
import { scaleOf, valueTicks } from "./chart-scale.ts";
import { stretches } from "./downsample.ts";
import { html, type Html } from "./html.ts";
import { counted, percent } from "./number-format.ts";

export interface Distribution {
  /** Upper bounds of the intervals; the last interval is open. */
  upTo: readonly number[];
  counts: readonly number[];
}

export interface DistributionChart extends ChartFrame {
  distribution: Distribution;
  /** What is counted, such as "viewers". */
  counted: string;
  /** What the intervals are of, such as "share of time with a frozen picture". */
  below: string;
  /** A bound, without unit where `below` has it. */
  writeBound: (bound: number) => string;
  style: string;
}

/** Most bars: more would not carry labels. */
const barCountMax = 24;

/** An interval: from the bound before to its own; open at the end. */
export interface Interval {
  from: number | undefined;
  to: number | undefined;
  count: number;
}

/** The intervals, joined where there are too many, without the empty ones at the end. */
export function intervalsOf({ upTo, counts }: Distribution): Interval[] {
  const all = counts.map((count, i): Interval => ({ from: upTo[i - 1], to: upTo[i], count }));
  const last = all.findLastIndex(({ count }) => count > 0);
  return stretches(all.slice(0, last + 1), barCountMax).map((joined) => ({
    from: joined[0]!.from,
    to: joined.at(-1)!.to,
    count: joined.reduce((sum, { count }) => sum + count, 0),
  }));
}

/** An interval in words: "1 to 2", "below 1", "2 or more". */
export function intervalWords({ from, to }: Interval, write: (bound: number) => string): string {
  if (from === undefined) return to === undefined ? "all" : `below ${write(to)}`;
  return to === undefined ? `${write(from)} or more` : `${write(from)} to ${write(to)}`;
}

export function distributionChart(chart: DistributionChart): Html {
  const { size, writeBound, style } = chart;
  const intervals = intervalsOf(chart.distribution);
  const total = intervals.reduce((sum, { count }) => sum + count, 0);
  const shares = intervals.map(({ count }) => (total === 0 ? 0 : count / total));
  const ticks = valueTicks(Math.max(0.01, ...shares), 4);
  const bottom = size.height - size.bottom;
  const y = scaleOf(ticks.at(-1)!, bottom, size.top);
  const step = (size.width - size.left - size.right) / Math.max(1, intervals.length);
  const labelEvery = Math.ceil(intervals.length / 12);
  const bars = intervals.map((interval, i) => {
    const x = size.left + i * step;
    const top = y(shares[i]!);
    const words = `${intervalWords(interval, writeBound)}: ${counted(interval.count)} ${chart.counted} (${percent(shares[i]!)})`;
    return html`<path
      class="bar ${style}"
      d="${barPath({ x: x + step * 0.1, width: step * 0.8, top, bottom })}"
      ><title>${words}</title></path
    >`;
  });
  // Bounds stand between the bars they part.
  const bounds = intervals.slice(0, -1).map(({ to }, i) => {
    const isShown = to !== undefined && i % labelEvery === 0;
    const at = coordinate(size.left + (i + 1) * step);
    return isShown
      ? html`<path class="axis" d="M${at} ${bottom}v4" /><text
            class="tick"
            x="${at}"
            y="${bottom + 17}"
            text-anchor="middle"
            >${writeBound(to)}</text
          >`
      : html``;
  });
  return drawing(chart, [
    valueGrid(size, {
      y,
      ticks,
      write: (tick) => `${String(Number((tick * 100).toPrecision(4)))} %`,
    }),
    html`<path class="axis" d="M${size.left} ${bottom}H${size.width - size.right}" />`,
    ...bars,
    ...bounds,
    captions(size, `share of ${chart.counted}, modelled`, chart.below),
  ]);
}

export interface ComparedBar {
  name: string;
  value: number;
  style: string;
}

export interface ComparisonChart extends ChartFrame {
  bars: readonly ComparedBar[];
  write: (value: number) => string;
  reference?: { value: number; label: string };
}

/** Horizontal bars, a scenario each, with name and value in words. */
export function comparisonChart(chart: ComparisonChart): Html {
  const { bars, write, reference } = chart;
  const row = 38;
  const size = { ...chart.size, height: bars.length * row + 34 };
  const right = size.width - 120;
  const max = Math.max(...bars.map(({ value }) => value), reference?.value ?? 0);
  const x = scaleOf(max, 2, right);
  const drawn = bars.map(({ name, value, style }, i) => {
    const y = 10 + i * row;
    const end = Math.max(3, x(value));
    return html`<text class="bar-name" x="2" y="${y + 9}">${name}</text
      ><path class="bar ${style}" d="M2 ${y + 14}H${coordinate(end)}v12H2Z" /><text
        class="bar-value"
        x="${coordinate(end + 6)}"
        y="${y + 25}"
        >${write(value)}</text
      >`;
  });
  const at = coordinate(x(reference?.value ?? 0));
  const bottom = 10 + bars.length * row;
  const line =
    reference === undefined
      ? html``
      : html`<path class="reference" d="M${at} 8V${bottom}" /><text
            class="reference-label"
            x="${at}"
            y="${bottom + 14}"
            text-anchor="end"
            >${reference.label}</text
          >`;
  return drawing({ ...chart, size }, [...drawn, line]);
}

/** A bar with rounded shoulders. */
function barPath(bar: { x: number; width: number; top: number; bottom: number }): string {
  const radius = Math.max(0, Math.min(3, bar.width / 2, bar.bottom - bar.top));
  const x = coordinate(bar.x);
  const shoulder = coordinate(bar.top + radius);
  const inner = coordinate(bar.width - 2 * radius);
  const r = coordinate(radius);
  return `M${x} ${bar.bottom}V${shoulder}q0 -${r} ${r} -${r}h${inner}q${r} 0 ${r} ${r}V${bar.bottom}Z`;
}
