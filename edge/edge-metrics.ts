/** Copies a relay's plain counters into its metrics at each scrape. */
import { edgeMetrics } from "../src/metrics/edge.ts";
import { pathKinds } from "../src/hls/path.ts";
import { feedStates } from "../src/hls/status.ts";
import type { CounterHandle, Metrics } from "../src/node/metrics.ts";
import { outcomeNames } from "../src/relay/answer.ts";
import { countIndex, type CountName } from "../src/relay/counts.ts";
import type { RelayDriver } from "./fill/relay-driver.ts";
import type { RelayPort } from "./http/relay-port.ts";

export interface EdgeMetricsOptions {
  metrics: Metrics;
  driver: RelayDriver;
  ports: readonly { name: "viewers" | "children"; port: RelayPort }[];
  feeds: readonly string[];
  nowMs(): number;
  viewersOf(feed: number): number;
  reportsFailed(): number;
}

/** Counters only rise: what is added is the growth since the last scrape. */
class Growth<L> {
  readonly #add: (count: number, labels: L) => void;
  readonly #seen = new Map<string, number>();

  constructor(add: (count: number, labels: L) => void) {
    this.#add = add;
  }

  to(total: number, labels: L): void {
    const key = JSON.stringify(labels);
    this.#add(total - (this.#seen.get(key) ?? 0), labels);
    this.#seen.set(key, total);
  }
}

export function exportEdgeMetrics(options: EdgeMetricsOptions): void {
  const collectors = [
    collectPorts(options),
    collectRelay(options),
    collectFeeds(options),
    collectParents(options),
  ];
  options.metrics.onCollect(() => {
    for (const collect of collectors) collect();
  });
}

function collectPorts({ metrics, ports }: EdgeMetricsOptions): () => void {
  const responses = growthOf(metrics.counter(edgeMetrics.responses));
  const egress = growthOf(metrics.counter(edgeMetrics.egressBytes));
  const broken = growthOf(metrics.counter(edgeMetrics.brokenResponses));
  const limits = growthOf(metrics.counter(edgeMetrics.limitReached));
  const connections = metrics.gauge(edgeMetrics.connections);
  const inFlight = metrics.gauge(edgeMetrics.slowResponses);
  return () => {
    const sum = (read: (port: RelayPort) => number): number =>
      ports.reduce((total, { port }) => total + read(port), 0);
    for (const [kindAt, kind] of pathKinds.entries()) {
      for (const [outcomeAt, outcome] of outcomeNames.entries()) {
        const slot = kindAt * outcomeNames.length + outcomeAt;
        const total = sum((port) => port.responses[slot]!);
        if (total > 0) responses.to(total, { kind, outcome });
      }
    }
    for (const { name, port } of ports) egress.to(port.counters.egressBytes, { to: name });
    broken.to(
      sum((port) => port.counters.responsesStalled),
      { reason: "stalled" },
    );
    broken.to(
      sum((port) => port.counters.responsesAborted),
      { reason: "aborted" },
    );
    broken.to(
      sum((port) => port.counters.responsesBroken),
      { reason: "cut" },
    );
    broken.to(
      sum((port) => port.counters.requestsMalformed),
      { reason: "malformed" },
    );
    limits.to(
      sum((port) => port.counters.waitersRefused),
      { limit: "waiters" },
    );
    limits.to(
      sum((port) => port.counters.connectionsRefused),
      { limit: "connections" },
    );
    connections.set(sum((port) => port.counters.connections));
    inFlight.set(sum((port) => port.stalls.count));
  };
}

function collectRelay({ metrics, driver }: EdgeMetricsOptions): () => void {
  const events = growthOf(metrics.counter(edgeMetrics.relayEvents));
  const waiters = metrics.gauge(edgeMetrics.waiters);
  const cacheBytes = metrics.gauge(edgeMetrics.cacheBytes);
  const fills = metrics.gauge(edgeMetrics.fills);
  const names = Object.keys(countIndex) as CountName[];
  return () => {
    const { state } = driver.node;
    for (const name of names) events.to(state.counts[countIndex[name]]!, { event: name });
    waiters.set(driver.waiters.count);
    cacheBytes.set(state.cacheBytes);
    fills.set(state.fillCount);
  };
}

function collectFeeds(options: EdgeMetricsOptions): () => void {
  const { metrics, driver, feeds } = options;
  const viewers = metrics.gauge(edgeMetrics.viewers);
  const age = metrics.gauge(edgeMetrics.playlistAge);
  const stale = metrics.gauge(edgeMetrics.playlistStale);
  const states = metrics.gauge(edgeMetrics.feedState);
  return () => {
    const nowMs = options.nowMs();
    for (const [index, feed] of feeds.entries()) {
      viewers.set(options.viewersOf(index), { feed });
      const { ageMs, isStale } = driver.node.freshness(index, nowMs);
      age.set(ageMs / 1_000, { feed });
      stale.set(isStale ? 1 : 0, { feed });
      const present = driver.node.state.feeds[index]?.state;
      for (const state of feedStates) states.set(state === present ? 1 : 0, { feed, state });
    }
  };
}

function collectParents(options: EdgeMetricsOptions): () => void {
  const { metrics, driver } = options;
  const fillBytes = growthOf(metrics.counter(edgeMetrics.fillBytes));
  const ejected = metrics.gauge(edgeMetrics.parentEjected);
  const failed = metrics.counter(edgeMetrics.reportsFailed);
  let failedBefore = 0;
  return () => {
    const nowMs = options.nowMs();
    for (const [index, bytes] of driver.fillBytes.entries()) {
      const parent = String(index);
      fillBytes.to(bytes, { parent });
      ejected.set(driver.node.state.parents.isEjected(index, nowMs) ? 1 : 0, { parent });
    }
    const failedNow = options.reportsFailed();
    failed.add(failedNow - failedBefore);
    failedBefore = failedNow;
  };
}

function growthOf<S extends Parameters<Metrics["counter"]>[0], L>(
  counter: CounterHandle<S> & { add(count: number, labels: L): void },
): Growth<L> {
  return new Growth<L>((count, labels) => counter.add(count, labels));
}
