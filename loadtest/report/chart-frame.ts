/** What all charts share: the drawing area with title, grid and axes, as inline SVG. */
import { html, type Html } from "./html.ts";
import type { Scale } from "./chart-scale.ts";

/** Sizes in units of the drawing, which is scaled to its place on the page. */
export interface ChartSize {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** For half of a page's width, and legible on a phone. */
export const smallChart: ChartSize = {
  width: 520,
  height: 262,
  ...{ left: 52, right: 14, top: 34, bottom: 46 },
};

/** For the whole width of a desk's screen. */
export const wideChart: ChartSize = {
  width: 1_080,
  height: 330,
  ...{ left: 56, right: 16, top: 24, bottom: 42 },
};

export interface ChartFrame {
  /** Unique in the page. */
  id: string;
  title: string;
  /** What there is to see, for those who do not see it. */
  description: string;
  size: ChartSize;
}

/** The drawing; its picture is announced by title and description. */
export function drawing({ id, title, description, size }: ChartFrame, content: Html[]): Html {
  return html`<svg
    viewBox="0 0 ${size.width} ${size.height}"
    role="img"
    aria-labelledby="${id}-t ${id}-d"
  >
    <title id="${id}-t">${title}</title>
    <desc id="${id}-d">${description}</desc>
    ${content}
  </svg>`;
}

/** Horizontal lines with their values at the left. */
export function valueGrid(
  size: ChartSize,
  options: { y: Scale; ticks: readonly number[]; write: (value: number) => string },
): Html {
  const { y, ticks, write } = options;
  const right = size.width - size.right;
  const lines = ticks.map(
    (tick) =>
      html`<path class="grid" d="M${size.left} ${coordinate(y(tick))}H${right}" /><text
          class="tick"
          x="${size.left - 8}"
          y="${coordinate(y(tick) + 4)}"
          text-anchor="end"
          >${write(tick)}</text
        >`,
  );
  return html`<g>${lines}</g>`;
}

/** Words in the corners: what the values are above, what the axis below is. */
export function captions(size: ChartSize, above: string, below: string): Html {
  const middle = coordinate((size.left + size.width - size.right) / 2);
  return html`<text class="caption" x="2" y="12">${above}</text
    ><text class="caption" x="${middle}" y="${size.height - 4}" text-anchor="middle"
      >${below}</text
    >`;
}

/** A coordinate as short as a screen needs it. */
export function coordinate(value: number): string {
  return String(Math.round(value * 10) / 10);
}
