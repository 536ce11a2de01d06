/** Which feed this page shows and where its things are, from the page's own URL. Pure. */

export interface PageLocation {
  feed: string;
  /** Relative to the page, so that it also holds below `/t/{token}/`. */
  playlistUrl: (rung?: string) => string;
  statusUrl: string;
  cmcdUrl: string;
  watchUrl: string;
}

/** Null when the path names no feed. */
export function pageLocation(pathname: string): PageLocation | null {
  const feed = /\/(?:watch|embed)\/([a-z0-9-]{1,32})(\/?)$/.exec(pathname);
  if (feed === null) return null;
  const name = feed[1]!;
  const up = feed[2] === "" ? "../" : "../../";
  const base = `${up}live/${name}/`;
  return {
    feed: name,
    playlistUrl: (rung) => (rung === undefined ? `${base}index.m3u8` : `${base}${rung}/index.m3u8`),
    statusUrl: `${base}status.json`,
    cmcdUrl: `${up}cmcd`,
    watchUrl: `${up}watch/${name}`,
  };
}

/** A feed's name as a title: `main-stage` becomes "Main stage". */
export function feedTitle(feed: string): string {
  const words = feed.replaceAll("-", " ").trim();
  return words === "" ? feed : words.charAt(0).toUpperCase() + words.slice(1);
}
