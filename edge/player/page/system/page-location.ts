/** Which feed this page shows and where its things are, from the page's own URL. Pure. */
import { formatRung, formatSegmentName } from "../../../../src/hls/path.ts";
import type { SegmentId } from "../../../../src/swarm/segment.ts";

export interface PageLocation {
  feed: string;
  /** Relative to the page, so that it also holds below `/t/{token}/`. */
  playlistUrl: (rung?: string) => string;
  statusUrl: string;
  roomUrl: string;
  segmentUrl: (id: SegmentId) => string;
  cmcdUrl: string;
  qoeUrl: string;
  watchUrl: string;
  embedUrl: string;
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
    roomUrl: `${base}room`,
    segmentUrl: (id) => `${base}${formatRung(id.rung)}/${formatSegmentName(id)}`,
    cmcdUrl: `${up}cmcd`,
    qoeUrl: `${up}qoe`,
    watchUrl: `${up}watch/${name}`,
    embedUrl: `${up}embed/${name}`,
  };
}

/** A feed's name as a title: `main-stage` becomes "Main stage". */
export function feedTitle(feed: string): string {
  const words = feed.replaceAll("-", " ").trim();
  return words === "" ? feed : words.charAt(0).toUpperCase() + words.slice(1);
}
