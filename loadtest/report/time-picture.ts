/** A picture over time with its numbers below, of any rows that have an instant. */
import { smallChart, wideChart } from "./chart-frame.ts";
import { stretches, type Point } from "./downsample.ts";
import type { Html } from "./html.ts";
import { clock } from "./number-format.ts";
import { figure, table } from "./page-parts.ts";
import { timeChart, type TimeMark } from "./time-chart.ts";

/** Rows of a table below a picture. */
const numberRowCount = 24;

interface Instant {
  tSec: number;
}

export interface TimeLine<Row> {
  name: string;
  style: string;
  /** Null: nothing is known at that instant. */
  valueOf: (row: Row) => number | null;
}

export interface TimePicture<Row> {
  id: string;
  title: string;
  caption: string;
  unit: string;
  evidence: "measured" | "modelled";
  durationSec: number;
  /** One is filled; several have a legend. */
  lines: readonly TimeLine<Row>[];
  write: (value: number) => string;
  writeTick?: (value: number) => string;
  valueMax?: number;
  reference?: { value: number; label: string };
  marks?: readonly TimeMark[];
  isWide?: boolean;
}

/** A number of an axis: as short as it can be. */
export const bare = (value: number): string => String(Number(value.toPrecision(6)));
export const asPercent = (ratio: number): string => `${bare(ratio * 100)} %`;

export function timePicture<Row extends Instant>(
  rows: readonly Row[],
  picture: TimePicture<Row>,
): Html {
  const { id, title, caption, unit, evidence, durationSec, write, valueMax, reference } = picture;
  const isOne = picture.lines.length === 1;
  const series = picture.lines.map(({ name, style, valueOf }) => ({
    ...{ name, style, points: pointsOf(rows, valueOf) },
    ...(isOne ? { isFilled: true } : {}),
  }));
  const extremes = series.map(({ name, points }) => {
    const greatest = points.reduce((a, { y }) => Math.max(a, y), 0);
    const words = `Greatest: ${write(greatest)}; at the end: ${write(points.at(-1)?.y ?? 0)}.`;
    return isOne ? words : `${name}: ${words}`;
  });
  const chart = {
    ...{ id, title, durationSec, series, writeValue: write },
    description: [caption, ...extremes].join(" "),
    unit: `${unit}, ${evidence}`,
    marks: picture.marks ?? [],
    writeTick: picture.writeTick ?? bare,
    ...(valueMax === undefined ? {} : { valueMax }),
    ...(reference === undefined ? {} : { reference }),
  };
  const small = (chartId: string): Html => timeChart({ ...chart, id: chartId, size: smallChart });
  return figure({
    ...{ title, caption },
    picture:
      picture.isWide === true
        ? { wide: timeChart({ ...chart, size: wideChart }), narrow: small(`${id}-narrow`) }
        : small(id),
    ...(isOne
      ? {}
      : { legend: series.map(({ name, style }) => ({ name, style, isLine: true as const })) }),
    numbers: timeNumbers(
      rows,
      picture.lines.map(({ name, valueOf }) => ({ head: isOne ? unit : name, valueOf, write })),
    ),
  });
}

export interface NumberColumn<Row> {
  head: string;
  valueOf: (row: Row) => number | null;
  write: (value: number) => string;
}

/** Means over equal stretches of the run. */
export function timeNumbers<Row extends Instant>(
  rows: readonly Row[],
  columns: readonly NumberColumn<Row>[],
): Html {
  const cells = stretches(rows, numberRowCount).map((stretch) => [
    clock(stretch[0]!.tSec),
    ...columns.map(({ valueOf, write }) => {
      const values = stretch.map(valueOf).filter((value) => value !== null);
      if (values.length === 0) return "-";
      return write(values.reduce((sum, value) => sum + value, 0) / values.length);
    }),
  ]);
  return table(
    [{ head: "from" }, ...columns.map(({ head }) => ({ head: `${head}, mean`, isNumber: true }))],
    cells,
  );
}

export function pointsOf<Row extends Instant>(
  rows: readonly Row[],
  valueOf: (row: Row) => number | null,
): Point[] {
  return rows.flatMap((row) => {
    const y = valueOf(row);
    return y === null ? [] : [{ x: row.tSec, y }];
  });
}
