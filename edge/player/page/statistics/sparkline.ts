/** The line of a few last values. Pure. */

/** Values of the last minute at one a second. */
export const sparklineLength = 60;

/** Adds the newest value, in place; what is older than a minute goes. */
export function pushValue(values: (number | null)[], value: number | null): void {
  values.push(value);
  if (values.length > sparklineLength) values.shift();
}

/**
 * An SVG path in a box of `width` by `height`, the newest value at the right edge, 0 at the bottom
 * and the largest value just below the top; a value that is not known leaves a gap.
 */
export function sparklinePath(
  values: readonly (number | null)[],
  { width, height }: { width: number; height: number },
): string {
  const most = Math.max(...values.map((value) => value ?? 0), Number.EPSILON);
  const step = width / (sparklineLength - 1);
  const left = width - (values.length - 1) * step;
  let path = "";
  let isDrawing = false;
  values.forEach((value, index) => {
    if (value === null) {
      isDrawing = false;
      return;
    }
    const x = (left + index * step).toFixed(1);
    const y = (height - (Math.max(0, value) / most) * (height - 2) - 1).toFixed(1);
    path += `${isDrawing ? "L" : "M"}${x} ${y}`;
    isDrawing = true;
  });
  return path;
}
