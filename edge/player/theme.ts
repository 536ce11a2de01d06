/**
 * CSS of a page with colours and pictures of its broadcaster: values of the variables of brand.css,
 * so that whatever is written can be read (WCAG 2.2 AA) whichever colour was chosen. Pure.
 */
import { inkOn, mixColours, readableOn } from "../../src/base/colour.ts";
import type { Brand } from "./brand.ts";

/** The papers of brand.css and the stage's light button, on which the accent is written. */
const papers = { light: ["#fbf7f1", "#fffdfa"], dark: ["#120c14", "#1d141f"] } as const;
const lightButton = "#fffaf3";
const softInks = { "#000000": "#6a5a64", "#ffffff": "#b5a3af" } as const;

export interface ThemePictures {
  /** URLs relative to the page; null where there is none. */
  logoUrl: string | null;
  posterUrl: string | null;
}

/** Empty where nothing was configured. */
export function themeCss(
  { accentColour, backgroundColour }: Pick<Brand, "accentColour" | "backgroundColour">,
  { logoUrl, posterUrl }: ThemePictures,
): string {
  const rules: string[] = [];
  if (backgroundColour !== null) rules.push(rule(":root", paperValues(backgroundColour)));
  if (accentColour !== null) rules.push(...accentRules(accentColour, backgroundColour));
  if (logoUrl !== null) {
    rules.push(
      ".brand img,.watermark img{width:auto;max-width:40vw;height:34px;object-fit:contain}",
      ".watermark img{height:24px}",
    );
  }
  if (posterUrl !== null) rules.push(...posterRules(posterUrl));
  return rules.join("");
}

function accentRules(accent: string, background: string | null): string[] {
  const ink = inkOn(accent);
  const solid = {
    "--curtain-bright": accent,
    "--curtain-hover": mixColours(accent, ink === "#ffffff" ? "#000000" : "#ffffff", 0.14),
    "--on-curtain": ink,
    "--curtain-on-light": readableOn(accent, lightButton),
  };
  const written = (papersOf: readonly string[]) => ({
    "--curtain": readableOn(accent, ...papersOf),
    "--brass": readableOn(accent, ...papersOf),
    "--glow": `${accent}24`,
  });
  if (background !== null) {
    const values = { ...solid, ...written([background, raised(background)]) };
    return [rule(":root", values)];
  }
  const dark = rule(":root", written(papers.dark));
  return [
    rule(":root", { ...solid, ...written(papers.light) }),
    `@media (prefers-color-scheme:dark){${dark}}`,
  ];
}

/** Light or dark by the background alone, whatever the viewer's system prefers. */
function paperValues(background: string): Record<string, string> {
  const ink = inkOn(background);
  const on = [background, raised(background)];
  return {
    "color-scheme": ink === "#ffffff" ? "dark" : "light",
    "--paper": background,
    "--paper-raised": raised(background),
    "--ink": readableOn(mixColours(ink, background, 0.06), ...on),
    "--ink-soft": readableOn(softInks[ink], ...on),
    "--line": mixColours(background, ink, 0.16),
    "--curtain": readableOn(ink === "#ffffff" ? "#ff6b81" : "#a3122f", ...on),
    "--brass": readableOn(ink === "#ffffff" ? "#e6b26a" : "#b8792b", ...on),
  };
}

/** What lies on the paper is a little nearer to its ink's opposite. */
function raised(background: string): string {
  return mixColours(background, inkOn(background) === "#ffffff" ? "#000000" : "#ffffff", 0.25);
}

/** The words over a poster stand on a scrim: even on a white one they can be read. */
function posterRules(url: string): string[] {
  const faces = '.player:is([data-face="offline"],[data-face="starting"])';
  const scrim = "linear-gradient(rgb(11 7 13/76%),rgb(11 7 13/76%))";
  return [
    `${faces} .face{background:${scrim},url("${url}") center/cover}`,
    `${faces} .seats{display:none}`,
  ];
}

function rule(selector: string, values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).map(([name, value]) => `${name}:${value}`);
  return `${selector}{${lines.join(";")}}`;
}
