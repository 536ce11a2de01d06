/**
 * Model against wire as a picture: how far apart both are, a row each, in units of the gate that the
 * figure has to stay within.
 */
import { coordinate, drawing, type ChartFrame } from "./chart-frame.ts";
import { html, type Html } from "./html.ts";

export interface GateRow {
  /** Such as "at 300 viewers". */
  name: string;
  /** Difference in words. */
  words: string;
  /** Difference / gate; 1 is the gate itself. Undefined where there is none to take. */
  ratio: number | undefined;
  ok: boolean;
}

export interface GateGroup {
  /** Such as "egress Gbps, gate ± 5 %". */
  name: string;
  rows: readonly GateRow[];
}

export interface GateChart extends ChartFrame {
  groups: readonly GateGroup[];
}

/** Differences that are further out are drawn at the edge. */
const ratioMax = 2;

const rowHeight = 26;
const groupHeight = 30;

/** As high as it has rows; only the width of the size counts. */
export function gateChart(chart: GateChart): Html {
  const { width } = chart.size;
  const left = width * 0.28;
  const right = width * 0.72;
  const x = (ratio: number): number => {
    const held = Math.max(-ratioMax, Math.min(ratioMax, ratio));
    return (left + right) / 2 + (held / ratioMax) * ((right - left) / 2);
  };
  let y = 0;
  const drawn = chart.groups.map(({ name, rows }) => {
    const top = y + groupHeight;
    const bottom = top + rows.length * rowHeight;
    y = bottom + 6;
    return html`<text class="bar-name" x="2" y="${top - 9}">${name}</text
      ><path
        class="gate"
        d="M${coordinate(x(-1))} ${top}H${coordinate(x(1))}V${bottom}H${coordinate(x(-1))}Z"
      /><path class="gate-middle" d="M${coordinate(x(0))} ${top}V${bottom}" />${rows.map((row, i) =>
        gateRow(row, { x, width, middle: top + (i + 0.5) * rowHeight }),
      )}`;
  });
  return drawing({ ...chart, size: { ...chart.size, height: y + 4 } }, drawn);
}

function gateRow(
  { name, words, ratio, ok }: GateRow,
  { x, width, middle }: { x: (ratio: number) => number; width: number; middle: number },
): Html {
  const at = ratio === undefined ? undefined : x(ratio);
  return html`<text class="tick" x="14" y="${coordinate(middle + 5)}">${name}</text
    >${at === undefined ? html`` : sign(at, middle, ok)}<text
      class="${ok ? "tick" : "beyond-value"}"
      x="${width - 2}"
      y="${coordinate(middle + 5)}"
      text-anchor="end"
      >${ok ? words : `${words}, red`}</text
    >`;
}

/** A disc within the gate, a cross beyond it: told apart without colour. */
function sign(at: number, middle: number, ok: boolean): Html {
  const x = coordinate(at);
  if (ok) return html`<circle class="within" cx="${x}" cy="${middle}" r="6" />`;
  return html`<path
    class="beyond"
    d="M${coordinate(at - 6)} ${middle - 6}l12 12M${coordinate(at + 6)} ${middle - 6}l-12 12"
  />`;
}
