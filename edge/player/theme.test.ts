import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { contrastRatio, textContrastMin } from "../../src/base/colour.ts";
import { themeCss } from "./theme.ts";

const noPictures = { logoUrl: null, posterUrl: null };
const brandCss = readFileSync(join(import.meta.dirname, "../../src/brand/brand.css"), "utf8");

/** The value of each variable that holds a plain colour, in light or in dark. */
function valuesOf(css: string, scheme: "light" | "dark"): Record<string, string> {
  const sheets = [brandCss, css].flatMap((text) => {
    const [plain = "", dark = ""] = text.split(/@media \(prefers-color-scheme:\s*dark\)/);
    return scheme === "dark" ? [plain, dark] : [plain];
  });
  // What was configured comes after both parts of our own.
  const pairs = sheets.flatMap((text) => [
    ...text.matchAll(/(--[a-z-]+):\s*(#[0-9a-fA-F]{3,6})\s*[;}]/g),
  ]);
  return Object.fromEntries(
    pairs.map(([, name, value]) => [name!, value!.replace(/^#(.)(.)(.)$/, "#$1$1$2$2$3$3")]),
  );
}

const written: [ink: string, on: string][] = [
  ["--on-curtain", "--curtain-bright"],
  ["--on-curtain", "--curtain-hover"],
  ["--curtain", "--paper"],
  ["--curtain", "--paper-raised"],
  ["--ink", "--paper"],
  ["--ink", "--paper-raised"],
  ["--ink-soft", "--paper"],
  ["--ink-soft", "--paper-raised"],
];

function check(accentColour: string | null, backgroundColour: string | null) {
  const css = themeCss({ accentColour, backgroundColour }, noPictures);
  for (const scheme of ["light", "dark"] as const) {
    const values = valuesOf(css, scheme);
    for (const [ink, on] of written) {
      const ratio = contrastRatio(values[ink]!, values[on]!);
      const where = `${ink} on ${on}, ${scheme}, of ${accentColour} and ${backgroundColour}`;
      expect(ratio, where).toBeGreaterThanOrEqual(textContrastMin);
    }
    expect(contrastRatio(values["--curtain-on-light"]!, "#fffaf3")).toBeGreaterThan(4.5);
  }
}

test("our own colours can be read, and nothing configured changes nothing", () => {
  check(null, null);
  expect(themeCss({ accentColour: null, backgroundColour: null }, noPictures)).toBe("");
});

const steps = ["00", "33", "77", "aa", "ff"];
const colours = steps.flatMap((r) => steps.flatMap((g) => steps.map((b) => `#${r}${g}${b}`)));

test("whatever accent is chosen, all that is written can be read in light and dark", () => {
  for (const colour of colours) check(colour, null);
});

test("whatever background is chosen, too, alone and with an accent", () => {
  for (const colour of colours) {
    check(null, colour);
    check("#ffd400", colour);
    check("#101060", colour);
  }
});

test("a background of the broadcaster's decides between light and dark", () => {
  const of = (backgroundColour: string) =>
    themeCss({ accentColour: null, backgroundColour }, noPictures);
  expect(of("#101820")).toContain("color-scheme:dark");
  expect(of("#f0e8e0")).toContain("color-scheme:light");
  expect(of("#101820")).not.toContain("@media");
});

test("pictures are named by the address that the page has for them", () => {
  const css = themeCss(
    { accentColour: null, backgroundColour: null },
    { logoUrl: "../assets/logo-1.svg", posterUrl: "../assets/poster-1.png" },
  );
  expect(css).toContain('url("../assets/poster-1.png")');
  expect(css).toContain(".brand img");
});
