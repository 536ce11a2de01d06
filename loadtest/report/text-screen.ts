/** Text that has to fit a terminal: lines broken at words, and sections shortened to one screen. */

export interface TextSection {
  /** Sections of the lowest rank are shortened first. */
  rank: number;
  /** Above the lines; left out where none of them is shown. */
  head: readonly string[];
  /** Lines that are always shown. */
  must: readonly string[];
  /** Lines that may be left out, from the last. */
  may: readonly string[];
}

/**
 * All lines of the sections, at most `lineCountMax` unless those that must be shown are more. Where
 * lines are left out, the last line is `moreWords`.
 */
export function fitted(
  sections: readonly TextSection[],
  { lineCountMax, moreWords }: { lineCountMax: number; moreWords: string },
): string[] {
  const kept = sections.map(({ may }) => may.length);
  const lines = (): string[] =>
    sections.flatMap(({ head, must, may }, i) => {
      const shown = [...must, ...may.slice(0, kept[i])];
      return shown.length === 0 ? [] : [...head, ...shown];
    });
  if (lines().length <= lineCountMax) return lines();
  const order = sections.map((_, i) => i).sort((a, b) => sections[a]!.rank - sections[b]!.rank);
  for (const i of order) while (lines().length >= lineCountMax && kept[i]! > 0) kept[i]!--;
  return [...lines(), moreWords];
}

/** Lines broken at spaces; those after the first begin with `indent`. Longer words are cut. */
export function wrapped(
  text: string,
  { columnCountMax, indent }: { columnCountMax: number; indent: string },
): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/(?<=\S)(?= )/)) {
    if (line !== "" && line.length + word.length > columnCountMax) {
      lines.push(line);
      line = indent + word.trimStart();
    } else {
      line += word;
    }
    if (line.length > columnCountMax) line = `${line.slice(0, columnCountMax - 3)}...`;
  }
  return [...lines, line];
}
