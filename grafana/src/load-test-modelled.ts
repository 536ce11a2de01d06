/** The rows of the load test's board about the modelled night: from the model, and as k6 judged it. */
import { simMetrics } from "../../src/metrics/sim.ts";
import type { BoardRow } from "./board.ts";
import { k6SimMetrics } from "./k6-metrics.ts";
import { graph } from "./panels.ts";
import { promql, rateOf } from "./promql.ts";

const m = simMetrics;
const k6 = k6SimMetrics;
const where = `scenario=~"$scenario"`;
const night = "{{scenario}} {{run}}";

const audience: BoardRow = {
  question: "Modelled: what does the night take?",
  height: 8,
  panels: [
    graph({
      title: "Viewers (modelled)",
      description: "Viewers watching in the simulator, for each night under way.",
      unit: "short",
      width: 6,
      queries: [{ expr: promql`live:sim:viewers:sum{${where}}`, legend: night }],
    }),
    graph({
      title: "Egress (modelled)",
      description:
        "Payload that leaves the edges in the newest window, in the time of the night, and the highest so far. Dashed: 242 Gbps, what 500,000 viewers took in 2008.",
      unit: "bps",
      width: 8,
      queries: [
        { expr: promql`live:sim:egress:bits_per_second{${where}}`, legend: night },
        {
          expr: promql`max by (run, scenario) (${m.egressPeak}{${where}})`,
          legend: `${night} peak`,
        },
        { expr: promql`vector(242e9)`, legend: "242 Gbps", isReference: true },
      ],
    }),
    graph({
      title: "Edges in use (modelled)",
      description:
        "Share of the edges' capacity in use. Good: below 0.85. At 1 viewers share what is left, and rungs and stalls show it.",
      unit: "percentunit",
      width: 5,
      levels: { good: "low", warn: 0.85, bad: 0.98 },
      queries: [
        {
          expr: promql`max by (run, scenario) (${m.edgeUtilisation}{${where}})`,
          legend: night,
        },
      ],
    }),
    graph({
      title: "Offload (modelled)",
      description:
        "Share of the viewers' bytes that edges did not fetch from parents. Good: near 1.",
      unit: "percentunit",
      width: 5,
      max: 1,
      queries: [{ expr: promql`live:sim:parent_offload:ratio{${where}}`, legend: night }],
    }),
  ],
};

const quality: BoardRow = {
  question: "Modelled: how good is it?",
  height: 7,
  panels: [
    graph({
      title: "Stalls (modelled)",
      description:
        "Share of viewers that stand still now; and stalled over stalled and played time, over the plateau so far. Good: under 1 %.",
      unit: "percentunit",
      width: 8,
      levels: { good: "low", warn: 0.01, bad: 0.05 },
      queries: [
        {
          expr: promql`max by (run, scenario) (${m.stalledRatio}{${where}})`,
          legend: `${night} now`,
        },
        {
          expr: promql`max by (run, scenario) (${m.stallRatio}{${where}})`,
          legend: `${night} so far`,
        },
      ],
    }),
    graph({
      title: "Rate of a viewer (modelled)",
      description: "Payload rate of a playing viewer. 484 kbps was the mean in 2008.",
      unit: "bps",
      width: 5,
      queries: [
        { expr: promql`max by (run, scenario) (${m.viewerRate}{${where}})`, legend: night },
      ],
    }),
    graph({
      title: "Never a picture (modelled)",
      description: "Share of the sessions that never showed one.",
      unit: "percentunit",
      width: 5,
      queries: [
        {
          expr: promql`max by (run, scenario) (${m.startFailureRatio}{${where}})`,
          legend: night,
        },
      ],
    }),
    graph({
      title: "Pace (modelled)",
      description:
        "Seconds of the night computed in a second, and seconds behind its own pace. Good: level, and 0. A night behind its pace has its inputs in the wrong place.",
      unit: "none",
      width: 6,
      queries: [
        {
          expr: rateOf(m.nightSeconds, { by: "run, scenario", where }),
          legend: `${night} a second`,
        },
        {
          expr: promql`max by (run, scenario) (${m.behind}{${where}})`,
          legend: `${night} behind`,
        },
      ],
    }),
  ],
};

const judged: BoardRow = {
  question: "Modelled: what did k6 read of it, and judge?",
  height: 7,
  panels: [
    graph({
      title: "Joined and watching, as k6 has it (modelled)",
      description:
        "Viewers that k6 let join the night, and those that watch. Good: the first follows the arrival curve of the scenario.",
      unit: "short",
      width: 6,
      queries: [
        { expr: promql`sum(${k6.joined})`, legend: "joined" },
        { expr: promql`sum(${k6.viewers})`, legend: "watching" },
      ],
    }),
    graph({
      title: "Gbps, as k6 has it (modelled)",
      description:
        "Newest window, mean over the plateau so far, peak so far, and what parents send. Thresholds such as sim_egress_gbps_peak<260 judge these.",
      unit: "none",
      width: 7,
      queries: [
        { expr: promql`max(${k6.egressGbps})`, legend: "now" },
        { expr: promql`max(${k6.egressGbpsMean})`, legend: "mean" },
        { expr: promql`max(${k6.egressGbpsPeak})`, legend: "peak" },
        { expr: promql`max(${k6.fillGbps})`, legend: "from parents" },
      ],
    }),
    graph({
      title: "Ratios, as k6 has them (modelled)",
      description:
        "Stall ratio so far, share standing still now, sessions without a picture, and edges' capacity in use.",
      unit: "percentunit",
      width: 6,
      queries: [
        { expr: promql`max(${k6.stallRatio})`, legend: "stall ratio" },
        { expr: promql`max(${k6.stalledRatio})`, legend: "standing still" },
        { expr: promql`max(${k6.startFailureRatio})`, legend: "no picture" },
        { expr: promql`max(${k6.edgeUtilisation})`, legend: "edges in use" },
      ],
    }),
    graph({
      title: "Behind its pace, and ended (modelled)",
      description:
        "Seconds that the night is behind; and 1 once it has ended. Past 5 % of the night the run is void.",
      unit: "none",
      width: 5,
      queries: [
        { expr: promql`max(${k6.behindSeconds})`, legend: "seconds behind" },
        { expr: promql`max(${k6.ended}) or vector(0)`, legend: "ended" },
      ],
    }),
  ],
};

export const modelledRows: readonly BoardRow[] = [audience, quality, judged];
