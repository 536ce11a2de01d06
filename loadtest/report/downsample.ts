/** Long series made short enough to draw, without hiding what stands out. */

/** Where a line goes: an instant or amount, and the value there. */
export interface Point {
  x: number;
  y: number;
}

/** At most `countMax` points: the least and the greatest of each of many equal stretches. */
export function keepExtremes(points: readonly Point[], countMax: number): Point[] {
  if (points.length <= countMax) return [...points];
  return stretches(points, Math.floor(countMax / 2)).flatMap((stretch) => {
    const least = stretch.reduce((a, b) => (b.y < a.y ? b : a));
    const greatest = stretch.reduce((a, b) => (b.y > a.y ? b : a));
    if (least === greatest) return [least];
    return least.x < greatest.x ? [least, greatest] : [greatest, least];
  });
}

/** Consecutive stretches of nearly equal length; as many as there are entries, if they are fewer. */
export function stretches<T>(entries: readonly T[], count: number): T[][] {
  const wanted = Math.min(count, entries.length);
  return Array.from({ length: wanted }, (_, i) =>
    entries.slice(
      Math.floor((i * entries.length) / wanted),
      Math.floor(((i + 1) * entries.length) / wanted),
    ),
  );
}
