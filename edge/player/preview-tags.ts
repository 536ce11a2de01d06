/**
 * What a page says to those who show a preview of its link: Open Graph (ogp.me) and the card of X.
 * They want addresses in full, and pictures of pixels. Pure.
 */
import type { Brand, Broadcast } from "./brand.ts";
import type { BuiltFile } from "./page-template.ts";
import { escapeHtml } from "./page/controls/escape-html.ts";

export interface Preview {
  broadcast: Broadcast | undefined;
  /** The first that is of pixels is shown. */
  pictures: readonly (BuiltFile | null)[];
  /** Relative to the page: used where the broadcaster has not said where the edge is reached. */
  assetsUrl: string;
}

export function previewTags(
  { name, tagline, publicUrl }: Pick<Brand, "name" | "tagline" | "publicUrl">,
  { broadcast, pictures, assetsUrl }: Preview,
): string[] {
  const sentences = [broadcast?.description ?? "", tagline, `Watch live: ${name}`];
  const description = sentences.find((sentence) => sentence !== "")!;
  const picture = pictures.find((one) => one !== null && one.contentType !== "image/svg+xml");
  const base = publicUrl === null ? assetsUrl : `${publicUrl.replace(/\/+$/, "")}/assets/`;
  const tags: [string, string, string][] = [
    ["name", "description", description],
    ["property", "og:type", "video.other"],
    ["property", "og:site_name", name],
    ["property", "og:title", broadcast?.title ?? name],
    ["property", "og:description", description],
    ["name", "twitter:card", picture ? "summary_large_image" : "summary"],
  ];
  if (picture) tags.push(["property", "og:image", base + picture.name]);
  return tags.map(
    ([key, value, content]) => `<meta ${key}="${value}" content="${escapeHtml(content)}" />`,
  );
}
