/** The sums of a run that have to balance, and whether they do. Exact: bytes exceed 2^53. */
import type { ModelReport } from "../../src/config/schema-model-report.ts";

export interface Balance {
  /** What is compared, in words. */
  what: string;
  left: bigint;
  right: bigint;
  unit: "bytes" | "ms" | "intervals";
  balances: boolean;
}

/** Media time is kept by many viewers' clocks: a thousandth may be lost to their rounding. */
const mediaTolerance = 1_000n;

export function balancesOf({ conservation }: ModelReport): Balance[] {
  const exact = (key: keyof ModelReport["conservation"]): bigint => BigInt(conservation[key]);
  const downloaded = exact("downloadedMs");
  const accounted = exact("playedMs") + exact("bufferedMs") + exact("discardedMs");
  const sent = exact("edgeEgressBytes") + exact("peerBytes");
  const lost = downloaded > accounted ? downloaded - accounted : accounted - downloaded;
  return [
    equal("What viewers received = sent by edges + sent by peers", exact("viewerBytes"), sent),
    equal(
      "What edges fetched = every segment once an edge",
      exact("edgeFillBytes"),
      exact("uniqueFillBytes"),
    ),
    {
      what: "Media downloaded = played + still buffered + discarded",
      left: downloaded,
      right: accounted,
      unit: "ms",
      balances: lost * mediaTolerance <= downloaded,
    },
    {
      what: "Intervals in which an edge sent more than it can = none",
      left: exact("overCapacityQuanta"),
      right: 0n,
      unit: "intervals",
      balances: exact("overCapacityQuanta") === 0n,
    },
  ];
}

function equal(what: string, left: bigint, right: bigint): Balance {
  return { what, left, right, unit: "bytes", balances: left === right };
}
