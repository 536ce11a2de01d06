/**
 * Metrics of the process itself: prom-client's default ones that somebody looks at. They watch the
 * event loop and the garbage collector for as long as the process lives, so a program asks for them
 * once; nodes that share a process in tests do not.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { collectDefaultMetrics, type Histogram } from "prom-client";
import { processMetrics } from "../metrics/process.ts";
import { runningCommit } from "./commit.ts";
import type { Metrics } from "./metrics.ts";
import { packageRoot } from "./package-root.ts";

/** Kinds of collection that V8 tells of. */
const gcKinds = ["minor", "major", "incremental", "weakcb"];
const descriptorFolder = "/proc/self/fd";

export function exportProcessMetrics(metrics: Metrics): void {
  const { registry } = metrics;
  const before = new Set(registry.getMetricsAsArray().map(({ name }) => name));
  const { buckets } = processMetrics.gcDuration;
  collectDefaultMetrics({ register: registry, gcDurationBuckets: [...buckets] });
  const { openDescriptors, ...kept } = processMetrics;
  const wanted = new Set<string>(Object.values(kept).map(({ name }) => name));
  for (const { name } of registry.getMetricsAsArray()) {
    if (!before.has(name) && !wanted.has(name)) registry.removeSingleMetric(name);
  }
  const collections = registry.getSingleMetric(processMetrics.gcDuration.name) as Histogram;
  for (const kind of gcKinds) collections.zero({ kind });
  if (existsSync(descriptorFolder)) metrics.totals(openDescriptors, [{}], descriptorCount);
  metrics.totals(
    processMetrics.buildInfo,
    [{ version: version(), commit: runningCommit() }],
    () => 1,
  );
}

/**
 * The library lists the folder: 15,000 names when as many viewers are connected. Since Linux 6.2 its
 * size says how many there are (man 5 proc); before, it is 0.
 */
function descriptorCount(): number {
  const { size } = statSync(descriptorFolder);
  return size > 0 ? size : readdirSync(descriptorFolder).length - 1;
}

function version(): string {
  const text = readFileSync(join(packageRoot(), "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
