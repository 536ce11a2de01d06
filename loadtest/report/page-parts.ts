/** Parts that the pages of reports are made of: the document, figures with their numbers, tables. */
import { html, Html } from "./html.ts";
import { pageStyle } from "./page-style.ts";

/**
 * A whole document. It loads nothing: style and pictures are within, there is no script, and the
 * policy forbids both. Ends with a newline.
 */
export function htmlDocument(title: string, content: readonly Html[]): string {
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'"
        />
        <title>${title}</title>
        <style>
          ${new Html(pageStyle)}
        </style>
      </head>
      <body>
        <main>${content}</main>
      </body>
    </html> `;
  return document.markup;
}

export interface Column {
  head: string;
  isNumber?: boolean;
}

export function table(
  columns: readonly Column[],
  rows: readonly (readonly (string | Html)[])[],
): Html {
  const classOf = (i: number): Html =>
    columns[i]?.isNumber === true ? html` class="number"` : html``;
  const head = columns.map(
    ({ head: words }, i) => html`<th scope="col" ${classOf(i)}>${words}</th>`,
  );
  const body = rows.map((cells) => {
    const inner = cells.map((cell, i) =>
      i === 0
        ? html`<th scope="row" ${classOf(i)}>${cell}</th>`
        : html`<td${classOf(i)}>${cell}</td>`,
    );
    return html`<tr>
      ${inner}
    </tr>`;
  });
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
}

export interface FigureParts {
  title: string;
  /** One sentence that says what there is to see. */
  caption: string;
  /** The picture, or a wide and a narrow version of it. */
  picture: Html | { wide: Html; narrow: Html };
  legend?: readonly LegendEntry[];
  /** The picture's numbers, for those who cannot see it or want to compute. */
  numbers?: Html;
}

export interface LegendEntry {
  name: string;
  style: string;
  /** A line rather than an area. */
  isLine?: boolean;
}

export function figure({ title, caption, picture, legend, numbers }: FigureParts): Html {
  const shown =
    picture instanceof Html
      ? picture
      : html`<div class="wide-only">${picture.wide}</div>
          <div class="narrow-only">${picture.narrow}</div>`;
  const more =
    numbers === undefined
      ? html``
      : html`<details>
          <summary>Numbers of this picture</summary>
          ${numbers}
        </details>`;
  return html`<figure>
    <figcaption>
      <h3>${title}</h3>
      <p>${caption}</p>
    </figcaption>
    ${shown}${legend === undefined ? html`` : legendList(legend)}${more}
  </figure> `;
}

function legendList(entries: readonly LegendEntry[]): Html {
  const items = entries.map(({ name, style, isLine }) => {
    const swatch =
      isLine === true
        ? html`<path class="line ${style}" d="M1 8H29" />`
        : html`<path class="bar ${style}" d="M6 1h18v14h-18z" />`;
    return html`<li><svg viewBox="0 0 30 16" aria-hidden="true">${swatch}</svg>${name}</li>`;
  });
  return html`<ul class="legend">
    ${items}
  </ul>`;
}

export interface Tile {
  label: string;
  value: string;
  more: string;
}

/** Large figures; the unit is set smaller than its number. */
export function tiles(all: readonly Tile[]): Html {
  const parts = all.map(({ label, value, more }) => {
    const [, number = value, unit = ""] = /^([\d.,<× ]*\d)( .*)?$/.exec(value) ?? [];
    return html`<div class="tile">
      <dt>${label}</dt>
      <dd>
        <div class="value">${number}<small>${unit}</small></div>
        <div class="more">${more}</div>
      </dd>
    </div>`;
  });
  return html`<dl class="tiles">${parts}</dl> `;
}

/** Short facts in a row: what ran. */
export function facts(all: readonly (readonly [name: string, value: string])[]): Html {
  const parts = all.map(
    ([name, value]) =>
      html`<div>
        <dt>${name}</dt>
        <dd>${value}</dd>
      </div>`,
  );
  return html`<dl class="facts">${parts}</dl> `;
}
