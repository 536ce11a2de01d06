/**
 * What has gone wrong, or right again, at a relay between two looks at it, in sentences. Pure: the
 * states and counters come from where they are kept for the metrics.
 */
import type { FaultLevel } from "../src/health/fault-log.ts";

/** One look: states that hold now, and counters that only rise. */
export interface RelayLook {
  ejectedParents: readonly string[];
  staleFeeds: readonly string[];
  counts: Readonly<Record<RelayFaultCount, number>>;
}

export type RelayFaultCount = keyof typeof countedFaults;

/** What a counter's growth means to an operator. */
const countedFaults = {
  digestMismatch: ["bad", "a parent sent wrong bytes, which were cut off"],
  parentRegressed: ["warning", "a parent went back behind what it had said"],
  feedReset: ["warning", "all parents contradict what was known: a feed begins anew"],
  cacheFull: ["warning", "cache.bytesMax is reached: media could not be kept"],
  objectTooLarge: ["warning", "media above cache.objectBytesMax was refused"],
  fillQueued: ["warning", "cache.fillCountMax is reached: fills wait"],
  waitersRefused: ["warning", "viewer.waiterCountMax is reached: requests were turned away"],
  connectionsRefused: ["bad", "a limit of connections is reached: some were turned away"],
  reportsFailed: ["warning", "a parent did not take a report"],
} as const satisfies Record<string, readonly [FaultLevel, string]>;

export const relayFaultCounts = Object.keys(countedFaults) as RelayFaultCount[];

export function relayFaults(
  before: RelayLook,
  now: RelayLook,
): { level: FaultLevel; text: string }[] {
  const newIn = (all: readonly string[], others: readonly string[]): string[] =>
    all.filter((each) => !others.includes(each));
  const said = (level: FaultLevel, text: (name: string) => string) => (name: string) => ({
    level,
    text: text(name),
  });
  return [
    ...newIn(now.ejectedParents, before.ejectedParents).map(
      said("warning", (parent) => `parent ${parent} failed too often and is left alone`),
    ),
    ...newIn(before.ejectedParents, now.ejectedParents).map(
      said("good", (parent) => `parent ${parent} is asked again`),
    ),
    ...newIn(now.staleFeeds, before.staleFeeds).map(
      said("bad", (feed) => `the playlists of feed ${feed} are too old`),
    ),
    ...newIn(before.staleFeeds, now.staleFeeds).map(
      said("good", (feed) => `the playlists of feed ${feed} are fresh again`),
    ),
    ...relayFaultCounts
      .filter((key) => now.counts[key] > before.counts[key])
      .map((key) => ({ level: countedFaults[key][0], text: countedFaults[key][1] })),
  ];
}
