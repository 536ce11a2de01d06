/** Every metric there is, in groups, and which programs expose them. */
import { cmcdMetrics } from "./cmcd.ts";
import { edgeMetrics } from "./edge.ts";
import { loadMetrics } from "./load.ts";
import type { MetricSpec } from "./metric.ts";
import { originMetrics } from "./origin.ts";
import { processMetrics } from "./process.ts";
import { qoeMetrics } from "./qoe.ts";
import { roomMetrics } from "./room.ts";
import { simMetrics } from "./sim.ts";
import { swarmMetrics } from "./swarm.ts";

/** Who has a page of metrics. */
export type ExposingProgram = "origin" | "shield" | "edge" | "sim-server" | "loadtest";

export interface MetricGroup {
  title: string;
  exposedBy: readonly ExposingProgram[];
  metrics: Readonly<Record<string, MetricSpec>>;
}

const nodes = ["origin", "shield", "edge"] as const;

export const catalogue: readonly MetricGroup[] = [
  { title: "Origin", exposedBy: ["origin"], metrics: originMetrics },
  { title: "Relay", exposedBy: ["shield", "edge"], metrics: edgeMetrics },
  { title: "Players, by CMCD", exposedBy: ["edge"], metrics: cmcdMetrics },
  { title: "Our pages, by their beacons", exposedBy: ["edge"], metrics: qoeMetrics },
  { title: "Room", exposedBy: ["edge"], metrics: roomMetrics },
  { title: "Swarm, as viewers report", exposedBy: ["edge"], metrics: swarmMetrics },
  { title: "Modelled night", exposedBy: ["sim-server", "loadtest"], metrics: simMetrics },
  { title: "Load test", exposedBy: ["loadtest"], metrics: loadMetrics },
  { title: "Process", exposedBy: [...nodes, "sim-server", "loadtest"], metrics: processMetrics },
];

/** All that one program exposes. */
export function metricsOf(program: ExposingProgram): MetricSpec[] {
  return catalogue
    .filter(({ exposedBy }) => exposedBy.includes(program))
    .flatMap(({ metrics }) => Object.values(metrics));
}
