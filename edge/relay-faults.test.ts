import { expect, test } from "vitest";
import { relayFaultCounts, relayFaults, type RelayLook } from "./relay-faults.ts";

const counts = Object.fromEntries(relayFaultCounts.map((key) => [key, 0])) as RelayLook["counts"];
const well: RelayLook = { ejectedParents: [], staleFeeds: [], counts };

test("what begins and what ends is said once each, and what stays is not", () => {
  const ill = { ...well, ejectedParents: ["10.0.0.1:8100"], staleFeeds: ["main"] };
  expect(relayFaults(well, ill)).toEqual([
    { level: "warning", text: "parent 10.0.0.1:8100 failed too often and is left alone" },
    { level: "bad", text: "the playlists of feed main are too old" },
  ]);
  expect(relayFaults(ill, ill)).toEqual([]);
  expect(relayFaults(ill, well).map(({ level }) => level)).toEqual(["good", "good"]);
});

test("each counter that has risen is one sentence, whatever it rose by", () => {
  for (const key of relayFaultCounts) {
    const now = { ...well, counts: { ...counts, [key]: 1_000 } };
    expect(relayFaults(well, now), key).toHaveLength(1);
    expect(relayFaults(now, now), key).toEqual([]);
  }
});
