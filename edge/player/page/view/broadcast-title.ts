/** What the broadcast of this page is called: as its broadcaster says, or made of the feed's name. */
import { feedTitle } from "../system/page-location.ts";

export function broadcastTitle(feed: string): string {
  const title = document.documentElement.dataset["title"] ?? "";
  return title === "" ? feedTitle(feed) : title;
}
