/** Exposes what a relay counts: every series exists from the start, and is read at each scrape. */
import type { HistogramSlots } from "../src/metrics/histogram-slots.ts";
import { edgeMetrics } from "../src/metrics/edge.ts";
import { feedStates } from "../src/hls/status.ts";
import type { Metrics } from "../src/node/metrics.ts";
import { outcomeNames } from "../src/relay/answer.ts";
import { countIndex, type CountName } from "../src/relay/counts.ts";
import type { RelayDriver } from "./fill/relay-driver.ts";
import { portCount } from "./http/port-counts.ts";
import { answeredKinds, type RelayPort } from "./http/relay-port.ts";

export interface EdgeMetricsOptions {
  metrics: Metrics;
  driver: RelayDriver;
  ports: readonly { name: "viewers" | "children"; port: RelayPort }[];
  /** Seconds to the first byte, by answered kind. */
  firstByte: HistogramSlots;
  feeds: readonly string[];
  egressCapacityBitsPerSec: number;
  nowMs(): number;
  viewersOf(feed: number): number;
  reportsFailed(): number;
  nodeReportsRefused(): number;
}

export function exportEdgeMetrics(options: EdgeMetricsOptions): void {
  exportPorts(options);
  exportRelay(options);
  exportFeeds(options);
  exportParents(options);
}

const brokenReasons = [
  ["stalled", portCount.responsesStalled],
  ["aborted", portCount.responsesAborted],
  ["cut", portCount.responsesBroken],
  ["malformed", portCount.requestsMalformed],
] as const;
const limits = [
  ["waiters", portCount.waitersRefused],
  ["connections", portCount.connectionsRefused],
] as const;

function exportPorts({ metrics, ports, firstByte, ...options }: EdgeMetricsOptions): void {
  const sum = (read: (port: RelayPort) => number): number =>
    ports.reduce((total, { port }) => total + read(port), 0);
  const sumOf = (slot: number): number => sum((port) => port.counts[slot]!);
  // In the order of the slots of RelayPort.responses.
  const answers = answeredKinds.flatMap((kind) =>
    outcomeNames.map((outcome) => ({ kind, outcome })),
  );
  metrics.totals(edgeMetrics.responses, answers, (slot) => sum((port) => port.responses[slot]!));
  const kinds = answeredKinds.map((kind) => ({ kind }));
  metrics.histogramOf(edgeMetrics.firstByte, kinds, firstByte);
  metrics.totals(
    edgeMetrics.egressBytes,
    ports.map(({ name }) => ({ to: name })),
    (index) => ports[index]!.port.counts[portCount.egressBytes]!,
  );
  metrics.totals(
    edgeMetrics.brokenResponses,
    brokenReasons.map(([reason]) => ({ reason })),
    (index) => sumOf(brokenReasons[index]![1]),
  );
  metrics.totals(
    edgeMetrics.limitReached,
    limits.map(([limit]) => ({ limit })),
    (index) => sumOf(limits[index]![1]),
  );
  metrics.totals(edgeMetrics.connections, [{}], () => sumOf(portCount.connections));
  metrics.totals(edgeMetrics.slowResponses, [{}], () => sum((port) => port.stalls.count));
  metrics.totals(edgeMetrics.egressCapacity, [{}], () => options.egressCapacityBitsPerSec);
}

function exportRelay({ metrics, driver }: EdgeMetricsOptions): void {
  const { state } = driver.node;
  const names = Object.keys(countIndex) as CountName[];
  metrics.totals(
    edgeMetrics.relayEvents,
    names.map((event) => ({ event })),
    (index) => state.counts[countIndex[names[index]!]]!,
  );
  metrics.totals(edgeMetrics.waiters, [{}], () => driver.waiters.count);
  metrics.totals(edgeMetrics.cacheBytes, [{}], () => state.cacheBytes);
  metrics.totals(edgeMetrics.fills, [{}], () => state.fillCount);
}

function exportFeeds(options: EdgeMetricsOptions): void {
  const { metrics, driver, feeds } = options;
  const each = feeds.map((feed) => ({ feed }));
  const freshness = (index: number) => driver.node.freshness(index, options.nowMs());
  metrics.totals(edgeMetrics.viewers, each, (index) => options.viewersOf(index));
  metrics.totals(edgeMetrics.playlistAge, each, (index) => freshness(index).ageMs / 1_000);
  metrics.totals(edgeMetrics.playlistStale, each, (index) => (freshness(index).isStale ? 1 : 0));
  const states = feeds.flatMap((feed) => feedStates.map((state) => ({ feed, state })));
  metrics.totals(edgeMetrics.feedState, states, (index) => {
    const present = driver.node.state.feeds[Math.floor(index / feedStates.length)]!.state;
    return states[index]!.state === present ? 1 : 0;
  });
}

function exportParents(options: EdgeMetricsOptions): void {
  const { metrics, driver } = options;
  const { fillBytes, fillSeconds } = driver;
  const parents = Array.from(fillBytes, (_, index) => ({ parent: String(index) }));
  metrics.totals(edgeMetrics.fillBytes, parents, (index) => fillBytes[index]!);
  metrics.histogramOf(edgeMetrics.fillSeconds, parents, fillSeconds);
  metrics.totals(edgeMetrics.parentEjected, parents, (index) =>
    driver.node.state.parents.isEjected(index, options.nowMs()) ? 1 : 0,
  );
  metrics.totals(edgeMetrics.reportsFailed, [{}], () => options.reportsFailed());
  metrics.totals(edgeMetrics.nodeReportsRefused, [{}], () => options.nodeReportsRefused());
}
