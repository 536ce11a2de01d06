/** The pictures of a load test's measured half. */
import type { LoadReport } from "../../src/config/schema-load-report.ts";
import type { Html } from "./html.ts";
import { gbpsWords } from "./load-words.ts";
import { counted, decimal, percent } from "./number-format.ts";
import { scenarioStyleCount } from "./page-style.ts";
import { asPercent, timePicture, type TimeLine } from "./time-picture.ts";

type Row = LoadReport["wire"]["timeline"][number];

/** Over time: traffic by tier, who watched, how they fared, and the CPU of each process. */
export function wirePictures({ wire }: LoadReport): { main: Html; others: Html[] } {
  const { timeline } = wire;
  const shared = { evidence: "measured", durationSec: durationOf(timeline) } as const;
  const main = timePicture(timeline, {
    ...shared,
    ...{ id: "wire-gbps", title: "What viewers were sent, measured", unit: "Gbps", isWide: true },
    caption: `Gbps of media payload that ${wire.edges === 0 ? "viewers received" : "left the edges"} through real sockets.`,
    lines: [{ name: "Gbps", style: "main", valueOf: (row) => row.egressGbps }],
    write: gbpsWords,
  });
  const fills = known(timeline, [
    { name: "shield", style: "cool", valueOf: (row) => mbps(row.fillGbps) },
    { name: "origin", style: "brass", valueOf: (row) => mbps(row.shieldFillGbps) },
  ]);
  const stalled = known(timeline, [
    { name: "stalled", style: "main", valueOf: (row) => row.stalledRatio },
  ]);
  const others = [
    timePicture(timeline, {
      ...shared,
      ...{ id: "wire-viewers", title: "Who was watching, measured", unit: "viewers" },
      caption: "Real viewers in session, a socket at least each.",
      lines: [{ name: "viewers", style: "cool", valueOf: (row) => row.viewers }],
      ...{ write: counted, writeTick: counted },
    }),
    ...when(fills, () =>
      timePicture(timeline, {
        ...shared,
        ...{ id: "wire-fill", title: "What the tiers above sent, measured", unit: "Mbps" },
        caption: "Mbps: each segment once for each relay below, however many watch.",
        lines: fills,
        write: (value) => `${decimal(value)} Mbps`,
      }),
    ),
    ...when(stalled, () =>
      timePicture(timeline, {
        ...shared,
        ...{ id: "wire-stalls", title: "Frozen pictures, measured", unit: "of viewers" },
        caption: "Share of the viewers in session whose picture stood.",
        lines: stalled,
        ...{ write: percent, writeTick: asPercent },
      }),
    ),
    cpuPicture(timeline, shared),
  ];
  return { main, others };
}

function cpuPicture(
  timeline: readonly Row[],
  shared: { evidence: "measured"; durationSec: number },
): Html {
  const names = [...new Set(timeline.flatMap(({ cpu }) => Object.keys(cpu)))];
  return timePicture(timeline, {
    ...shared,
    ...{ id: "wire-cpu", title: "What it cost, measured", unit: "CPU cores" },
    caption: "CPU cores in use, by process.",
    lines: names.map((name, i) => ({
      ...{ name, style: `scenario-${i % scenarioStyleCount}` },
      valueOf: (row: Row) => row.cpu[name] ?? null,
    })),
    write: (value) => `${decimal(value)} cores`,
  });
}

/** Lines of which something is known. */
function known(timeline: readonly Row[], lines: readonly TimeLine<Row>[]): TimeLine<Row>[] {
  return lines.filter(({ valueOf }) => timeline.some((row) => valueOf(row) !== null));
}

function when(lines: readonly unknown[], draw: () => Html): Html[] {
  return lines.length === 0 ? [] : [draw()];
}

function mbps(gbps: number | null): number | null {
  return gbps === null ? null : gbps * 1_000;
}

/** To the end of the last interval, which is as long as the one before it. */
function durationOf(timeline: readonly Row[]): number {
  const last = timeline.at(-1)?.tSec ?? 0;
  return last + Math.max(1, last - (timeline.at(-2)?.tSec ?? last));
}
