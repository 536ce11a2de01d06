/** What every program says of its own process; the same row on the boards of origin and edge. */
import { processMetrics } from "../../src/metrics/process.ts";
import type { BoardRow } from "./board.ts";
import { graph, listing, type PanelMaker } from "./panels.ts";
import { promql, rateOf } from "./promql.ts";

const m = processMetrics;

/** `where` are the matchers that choose the nodes. */
export function processRow(where: string): BoardRow {
  return {
    question: "Is the process itself well?",
    height: 7,
    panels: [...work(where), ...holdings(where)],
  };
}

/** What its one thread does. */
function work(where: string): PanelMaker[] {
  return [
    graph({
      title: "Event loop lag",
      description:
        "How late the one thread of a node gets to what is due, since the scrape before. Good: p99 under 50 ms. Bad: over 100 ms, for then every viewer of the node waits; look at its CPU.",
      unit: "s",
      width: 5,
      levels: { good: "low", warn: 0.05, bad: 0.1 },
      queries: [
        { expr: promql`max by (node) (${m.loopLagP99}{${where}})`, legend: "{{node}} p99" },
        { expr: promql`max by (node) (${m.loopLagMax}{${where}})`, legend: "{{node}} longest" },
      ],
    }),
    graph({
      title: "CPU",
      description:
        "Cores in use, encoders not counted. A node answers on one core: near 1 it is full, whatever the machine has left.",
      unit: "none",
      width: 5,
      levels: { good: "low", warn: 0.7, bad: 0.9 },
      queries: [{ expr: rateOf(m.cpuSeconds, { by: "node", where }), legend: "{{node}}" }],
    }),
    graph({
      title: "Garbage collection",
      description: "Share of the time spent collecting garbage. Good: under 2 %. Bad: over 10 %.",
      unit: "percentunit",
      width: 3,
      levels: { good: "low", warn: 0.05, bad: 0.1 },
      queries: [
        {
          expr: promql`sum by (node) (rate(${m.gcDuration}_sum{${where}}[$__rate_interval]))`,
          legend: "{{node}}",
        },
      ],
    }),
  ];
}

/** What it holds. */
function holdings(where: string): PanelMaker[] {
  return [
    graph({
      title: "Memory",
      description:
        "Memory of the process, and of it what JavaScript uses: its heap, and buffers outside of it. Level in a steady broadcast: media is kept in a window and in a bounded cache. What climbs for an hour is a leak.",
      unit: "bytes",
      width: 5,
      queries: [
        {
          expr: promql`sum by (node) (${m.residentMemory}{${where}})`,
          legend: "{{node}} resident",
        },
        { expr: promql`sum by (node) (${m.heapUsed}{${where}})`, legend: "{{node}} heap" },
        {
          expr: promql`sum by (node) (${m.externalMemory}{${where}})`,
          legend: "{{node}} buffers",
        },
      ],
    }),
    graph({
      title: "Open files",
      description:
        "Open descriptors of those allowed; a viewer takes one. At 1 nobody can connect any more: raise the limit (ulimit -n).",
      unit: "percentunit",
      width: 3,
      levels: { good: "low", warn: 0.7, bad: 0.9 },
      queries: [
        {
          expr: promql`max by (node) (${m.openDescriptors}{${where}} / ${m.maxDescriptors}{${where}})`,
          legend: "{{node}}",
        },
      ],
    }),
    listing(
      {
        title: "Versions",
        description:
          "What runs, and on how many nodes. Good: one line, but for the minutes of a change.",
        unit: "none",
        width: 3,
        queries: [
          {
            expr: promql`count by (version, commit) (${m.buildInfo}{${where}})`,
            legend: "{{version}} {{commit}}",
          },
        ],
      },
      { version: "Version", commit: "Commit", Value: "Nodes" },
    ),
  ];
}
