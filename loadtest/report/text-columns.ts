/** Aligned columns of text for a terminal. */

/**
 * A line a row. The first column stands to the left, the second to the right; those after it to the
 * left, or to the right where `isNumbers`.
 */
export function columns(
  rows: readonly (readonly string[])[],
  { isNumbers = false }: { isNumbers?: boolean } = {},
): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const isRight = (column: number): boolean => column === 1 || (column > 1 && isNumbers);
  return rows.map((row) =>
    row
      .map((cell, i) => (isRight(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join("   ")
      .trimEnd(),
  );
}
