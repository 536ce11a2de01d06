/** What the growth of the origin's counters means to an operator, in sentences. Pure. */
import type { FaultLevel } from "../src/health/fault-log.ts";
import { originMetrics } from "../src/metrics/origin.ts";

/** A metric's series at one instant. */
export interface CounterReading {
  name: string;
  values: readonly { labels: Readonly<Record<string, string | number>>; value: number }[];
}

type Labels = CounterReading["values"][number]["labels"];
interface Meaning {
  level: FaultLevel;
  /** Undefined where this series is nothing to speak of. */
  text: (labels: Labels) => string | undefined;
}

/** Ends of connections that are in order, or that the feed's own faults speak of. */
const calmEnds: ReadonlySet<unknown> = new Set([
  "unpublished",
  "peer-closed",
  "taken-over",
  "closed",
]);

const meanings: Readonly<Record<string, Meaning>> = {
  [originMetrics.rtmpEnds.name]: {
    level: "warning",
    text: ({ reason }) =>
      calmEnds.has(reason) ? undefined : `a publisher was refused or cut off: ${String(reason)}`,
  },
  [originMetrics.rtmpLimits.name]: {
    level: "warning",
    text: ({ limit }) => `RTMP connections were turned away: ${String(limit)} is reached`,
  },
  [originMetrics.windowLimits.name]: {
    level: "warning",
    text: ({ feed }) => `window.bytesMax is reached: segments of ${String(feed)} went early`,
  },
  [originMetrics.tierHeldLimits.name]: {
    level: "warning",
    text: () => "tier.waiterCountMax is reached: children were turned away",
  },
  [originMetrics.tierCutOff.name]: {
    level: "warning",
    text: ({ reason }) =>
      reason === "stalled"
        ? "a child took nothing for too long and was cut off"
        : "tier.connectionCountMax is reached: children were turned away",
  },
  [originMetrics.stateWriteErrors.name]: {
    level: "bad",
    text: ({ feed }) => `the counters of ${String(feed)} could not be saved`,
  },
};

export function originFaults(
  before: readonly CounterReading[],
  now: readonly CounterReading[],
): { level: FaultLevel; text: string }[] {
  return now.flatMap(({ name, values }) => {
    const meaning = meanings[name];
    const known = before.find((reading) => reading.name === name)?.values ?? [];
    return values.flatMap(({ labels, value }) => {
      const key = JSON.stringify(labels);
      const old = known.find((each) => JSON.stringify(each.labels) === key)?.value ?? 0;
      const text = value > old ? meaning?.text(labels) : undefined;
      return text === undefined || meaning === undefined ? [] : [{ level: meaning.level, text }];
    });
  });
}
