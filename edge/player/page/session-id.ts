/**
 * One watch of this page, as CMCD names it (CTA-5004 `sid`), in the query of media playlists: an
 * edge that has no room socket with its viewers counts them by it. It says nothing of the person
 * and is forgotten with the page.
 */

/** 128 random bits; crypto.randomUUID would need a secure context. */
const sessionId = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
  byte.toString(16).padStart(2, "0"),
).join("");

/** The address with the session in its query, if it is a media playlist's. */
export function withSession(url: string): string {
  if (!/\/(?:\d+|audio)\/index\.m3u8(?:\?|$)/.test(url)) return url;
  const separator = url.includes("?") ? "&" : "?";
  return `${url}${separator}CMCD=${encodeURIComponent(`sid="${sessionId}"`)}`;
}
