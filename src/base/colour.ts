/** Colours of sRGB as `#rrggbb`, and whether one can be read on another (WCAG 2.2, 1.4.3). */

/** Of text of normal size, at level AA. */
export const textContrastMin = 4.5;

/** From 1 (the same) to 21 (black on white). */
export function contrastRatio(one: string, other: string): number {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter! + 0.05) / (darker! + 0.05);
}

/** Black or white, whichever is read better on the colour: 4.58 is the least that it can be. */
export function inkOn(colour: string): "#000000" | "#ffffff" {
  const isLight = contrastRatio(colour, "#000000") > contrastRatio(colour, "#ffffff");
  return isLight ? "#000000" : "#ffffff";
}

/** The share of `other`, from 0 to 1, mixed into a colour. */
export function mixColours(colour: string, other: string, share: number): string {
  const into = channels(other);
  const mixed = channels(colour).map((value, index) =>
    Math.round(value + (into[index]! - value) * share),
  );
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** The colour, made darker or lighter until it can be read on each of the backgrounds. */
export function readableOn(colour: string, ...backgrounds: string[]): string {
  const ink = inkOn(backgrounds[0] ?? "#ffffff");
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = mixColours(colour, ink, share);
    if (backgrounds.every((one) => contrastRatio(mixed, one) >= textContrastMin)) return mixed;
  }
  return ink;
}

/** Relative luminance, from 0 to 1, by WCAG's definition. */
function luminance(colour: string): number {
  const [red, green, blue] = channels(colour).map((value) => {
    const ratio = value / 255;
    return ratio <= 0.04045 ? ratio / 12.92 : ((ratio + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}
