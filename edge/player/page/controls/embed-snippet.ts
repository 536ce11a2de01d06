/** The HTML with which another site shows the player. Pure. */
import { escapeHtml } from "./escape-html.ts";

const allowed =
  "autoplay; fullscreen; picture-in-picture; screen-wake-lock; clipboard-write; web-share";

/** `url`: the embed page's, absolute. The frame fills its place's width at 16:9. */
export function embedSnippet({ url, title }: { url: string; title: string }): string {
  return (
    `<iframe src="${escapeHtml(url)}" title="${escapeHtml(title)}" width="640" height="360" ` +
    `style="border:0;width:100%;height:auto;aspect-ratio:16/9" ` +
    `allow="${allowed}"></iframe>`
  );
}
