/**
 * Puts a broadcaster's pictures, colours and styles into a page: its files get hashed names beside
 * the page's own, and the head of each page says what to take from them. Pure.
 */
import { hashedName } from "../../src/node/hashed-name.ts";
import type { Brand, BrandFile, Broadcast } from "./brand.ts";
import type { PageKind } from "./page-headers.ts";
import type { BuiltFile } from "./page-template.ts";
import { escapeHtml } from "./page/controls/escape-html.ts";
import { previewTags } from "./preview-tags.ts";
import { themeCss } from "./theme.ts";

export interface Dress {
  files: BuiltFile[];
  /** The logo as HTML for a page whose files are at `assetsUrl`; null: it has none of its own. */
  logo(assetsUrl: string | null): string | null;
  /** The page with its head completed. */
  dressed(html: string, wearer: Wearer): string;
}

export interface Wearer {
  kind: PageKind;
  /** Null: the page has no way to files. */
  assetsUrl: string | null;
  /** What is on at the feed of the page, where that is known. */
  broadcast: Broadcast | undefined;
}

export function dressOf(brand: Brand): Dress {
  const logo = named("logo", brand.logo);
  const poster = named("poster", brand.poster);
  const style = named("style", brand.style);
  const url = (file: BuiltFile | null, assetsUrl: string | null): string | null =>
    file === null || assetsUrl === null ? null : assetsUrl + file.name;
  return {
    files: [logo, poster, style].filter((file) => file !== null),
    // An image and nothing else: an SVG's scripts do not run there.
    logo: (assetsUrl) => {
      const src = url(logo, assetsUrl);
      if (src !== null) return `<img src="${src}" alt="" />`;
      return logo === null ? null : "";
    },
    dressed: (html, { kind, assetsUrl, broadcast }) => {
      const [logoUrl, posterUrl, styleUrl] = [logo, poster, style].map((file) =>
        url(file, assetsUrl),
      );
      const isPlayer = kind !== "plain";
      const css = themeCss(brand, { logoUrl: logoUrl!, posterUrl: isPlayer ? posterUrl! : null });
      const head = [`<meta name="application-name" content="${escapeHtml(brand.name)}" />`];
      let page = html;
      if (brand.backgroundColour !== null) {
        page = page.replace(/\s*<meta name="theme-color"[^>]*>/g, "");
        head.push(`<meta name="theme-color" content="${brand.backgroundColour}" />`);
      }
      if (logo !== null && logoUrl !== null) {
        page = page.replace(/\s*<link rel="icon"[^>]*>/g, "");
        head.push(`<link rel="icon" type="${logo.contentType}" href="${logoUrl!}" />`);
      }
      if (poster !== null && posterUrl !== null && isPlayer) {
        head.push(`<link rel="poster" type="${poster.contentType}" href="${posterUrl!}" />`);
      }
      if (assetsUrl !== null) {
        const pictures = isPlayer ? [poster, logo] : [];
        head.push(...previewTags(brand, { broadcast, pictures, assetsUrl }));
      }
      if (css !== "") head.push(`<style>${css}</style>`);
      if (styleUrl !== null && isPlayer) head.push(`<link rel="stylesheet" href="${styleUrl!}" />`);
      return page.replace("</head>", () => `${head.join("\n    ")}\n  </head>`);
    },
  };
}

function named(stem: string, file: BrandFile | null): BuiltFile | null {
  if (file === null) return null;
  const { contentType, ending, bytes } = file;
  return { name: hashedName(stem, ending, bytes), contentType, bytes };
}
