/** HTML in which all text is escaped: what is interpolated is text, unless it is `Html` itself. */

export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

type Part = string | number | Html | undefined | readonly Html[];

/** Markup with parts: strings and numbers are escaped, undefined is nothing. */
export function html(markup: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(
    markup
      // The indentation of the source is not the page's.
      .map((text) => text.replace(/\n\s*/g, "\n"))
      .map((text, i) => text + (i < parts.length ? markupOf(parts[i]) : ""))
      .join(""),
  );
}

function markupOf(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Html) return part.markup;
  if (typeof part === "object") return part.map(({ markup }) => markup).join("");
  return escaped(String(part));
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  // Control characters have no place in a document, escaped or not.
  return text
    .replace(/[&<>"']/g, (character) => entities[character]!)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "\ufffd");
}
