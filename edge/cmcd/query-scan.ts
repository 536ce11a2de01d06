/**
 * What can be told of CMCD in a query without decoding it: every request of every viewer passes
 * here. A query that matches by chance is decoded, and then says otherwise.
 */
import { isSessionId } from "./cmcd-report.ts";

/** As browsers write it; found at a third of the expression's cost. */
const sidKey = "%2Csid%3D%22";
const sid = /(?:^|[&=,]|%2C)sid(?:%3D|=)(?:%22|")([A-Za-z0-9._-]{1,64})(?:%22|")/i;
/** Keys that say how playback goes. */
const news = /(?:[=,]|%2C)(?:bl|sta|bs|su)(?:%3D|%2C|[=,&]|$)/i;
const starved = /(?:[=,]|%2C)bs(?:%2C|[,&]|$)/i;

/** The session that a query names, or "". The text may hold on to the whole query: see `ownText`. */
export function sidInQuery(query: string): string {
  const at = query.indexOf(sidKey);
  const start = at + sidKey.length;
  const end = at === -1 ? -1 : query.indexOf("%22", start);
  if (end !== -1) {
    const text = query.slice(start, end);
    if (isSessionId(text)) return text;
  }
  return sid.exec(query)?.[1] ?? "";
}

/** Whether a query's CMCD says more than who asks. */
export function hasNews(query: string): boolean {
  return news.test(query);
}

/** Whether it says that there was a stall since the request before (`bs`). */
export function saysStarved(query: string): boolean {
  return starved.test(query);
}

/** The text of a query's CMCD; undefined when its encoding is broken. */
export function cmcdOfQuery(query: string): string | undefined {
  const pair = query.split("&").find((one) => one.startsWith("CMCD="));
  if (pair === undefined) return undefined;
  try {
    return decodeURIComponent(pair.slice(5).replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

/** The same text in memory of its own: a part of a longer one keeps that one alive. */
export function ownText(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}
