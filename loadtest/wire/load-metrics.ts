/**
 * A load test under way as metrics: what its samples measure, added up over its runs. The modelled
 * night beside them stays a family of its own, which the simulation server gives.
 */
import type { Sample as WireSample, WatchedNode } from "./sampler.ts";
import { loadMetrics } from "../../src/metrics/load.ts";
import type { Metrics } from "../../src/node/metrics.ts";

const tiers = ["edge", "shield", "origin"] as const;

export class LoadMetrics {
  readonly #scenario: string;
  #nodes: readonly WatchedNode[] = [];
  #viewersPlanned = 0;
  #before: WireSample | undefined;
  #now: WireSample | undefined;
  /** By tier, and by process. */
  readonly #sentBytes = new Map<string, number>();
  readonly #cpuSec = new Map<string, number>();
  /** What each node and process of the present run stood at last. */
  #last = new Map<string, number>();

  constructor(metrics: Metrics, scenario: string) {
    this.#scenario = scenario;
    this.#export(metrics);
  }

  /** The samples that follow are another run's. */
  runBegins(run: { viewerCount: number; nodes: readonly WatchedNode[] }): void {
    this.#viewersPlanned = run.viewerCount;
    this.#nodes = run.nodes;
    this.#before = undefined;
    this.#now = undefined;
    this.#last = new Map();
  }

  sampled(sample: WireSample): void {
    this.#before = this.#now;
    this.#now = sample;
    for (const { name, tier } of this.#nodes) {
      const sent = sample.nodes.get(name)?.egressBytes;
      // Whatever a node has sent when it is first seen, it did not send for this run.
      if (sent !== undefined) add(this.#sentBytes, tier, this.#growth(`sent ${name}`, sent, sent));
    }
    const received = sample.viewers?.receivedBytes;
    if (received !== undefined) add(this.#sentBytes, "edge", this.#growth("received", received, 0));
    for (const [name, sec] of sample.cpuSec) {
      // A process that the first sample does not have was started for this run.
      const started = this.#before === undefined ? sec : 0;
      add(this.#cpuSec, name, this.#growth(`cpu ${name}`, sec, started));
    }
  }

  /** Since the last sample that knew it; counters only rise. */
  #growth(key: string, now: number, first: number): number {
    const last = this.#last.get(key) ?? first;
    this.#last.set(key, now);
    return Math.max(0, now - last);
  }

  #export(metrics: Metrics): void {
    const scenario = this.#scenario;
    metrics.totals(loadMetrics.viewersPlanned, [{ scenario }], () => this.#viewersPlanned);
    metrics.totals(loadMetrics.viewers, [{ scenario }], () => this.#watching());
    metrics.totals(
      loadMetrics.egressBytes,
      tiers.map((from) => ({ scenario, from })),
      (index) => this.#sentBytes.get(tiers[index]!) ?? 0,
    );
    metrics.totals(loadMetrics.machineBusy, [{ scenario }], () => this.#busyRatio());
    const byProcess = (read: (name: string) => number | undefined) => () =>
      [...this.#cpuSec.keys()].map((process) => ({
        labels: { scenario, process },
        value: read(process) ?? 0,
      }));
    metrics.readings(
      loadMetrics.cpuSeconds,
      byProcess((name) => this.#cpuSec.get(name)),
    );
    metrics.readings(
      loadMetrics.residentMemory,
      byProcess((name) => this.#now?.rssBytes.get(name)),
    );
  }

  #watching(): number {
    if (this.#now === undefined) return 0;
    if (this.#now.viewers !== undefined) return this.#now.viewers.watching;
    const { nodes } = this.#now;
    return this.#nodes
      .filter(({ tier }) => tier === "edge")
      .reduce((sum, { name }) => sum + (nodes.get(name)?.viewers ?? 0), 0);
  }

  #busyRatio(): number {
    if (this.#now === undefined || this.#before === undefined) return 0;
    const all = this.#now.machine.all - this.#before.machine.all;
    return all === 0 ? 0 : (this.#now.machine.busy - this.#before.machine.busy) / all;
  }
}

function add(sums: Map<string, number>, key: string, growth: number): void {
  sums.set(key, (sums.get(key) ?? 0) + growth);
}
