/** A feed's status as it came from another machine: checked before it is believed. */
import { feedStates, type FeedStatus } from "./status.ts";

/** The status that a parsed JSON value is; undefined when it is none. Other fields are left out. */
export function readFeedStatus(value: unknown): FeedStatus | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { version, state, sinceUnixMs, lastSegmentUnixMs, nowUnixMs, viewers, p2p, ladderVersion } =
    value as Record<string, unknown>;
  const counts = [version, sinceUnixMs, lastSegmentUnixMs, nowUnixMs, viewers, ladderVersion];
  if (!counts.every((count) => Number.isSafeInteger(count) && (count as number) >= 0)) {
    return undefined;
  }
  if (!feedStates.some((known) => known === state)) return undefined;
  if (p2p !== "off" && p2p !== "on") return undefined;
  return {
    version,
    state,
    sinceUnixMs,
    lastSegmentUnixMs,
    nowUnixMs,
    viewers,
    p2p,
    ladderVersion,
  } as FeedStatus;
}
