/**
 * Looks at the programs of a run every second: what they sent and fetched, their CPU and memory. A
 * sample is late when the machine is busy, so rates are over the time that really passed.
 */
import { setTimeout as delay } from "node:timers/promises";
import { nodeCounters, type NodeCounters } from "./node-counters.ts";
import { cpuSecOf, machineCpuSec, rssBytesOf, whileRunning } from "./process-usage.ts";

export interface WatchedProcess {
  name: string;
  pid: number;
}

export interface WatchedNode {
  name: string;
  tier: "edge" | "shield" | "origin";
  scrape: () => Promise<string>;
}

export interface Sample {
  atMs: number;
  /** By node; a node that did not answer is missing. */
  nodes: ReadonlyMap<string, NodeCounters>;
  /** By process; one that has ended is missing. */
  cpuSec: ReadonlyMap<string, number>;
  rssBytes: ReadonlyMap<string, number>;
  machine: { busy: number; all: number };
  /** What the generator says of its viewers so far; undefined where nobody asks it, or it is busy. */
  viewers?: { receivedBytes: number; watching: number } | undefined;
}

const everyMs = 1_000;

export class Sampler {
  readonly samples: Sample[] = [];
  readonly #nodes: readonly WatchedNode[];
  readonly #processes: WatchedProcess[] = [];
  readonly #onSample: (samples: readonly Sample[]) => void;
  readonly #end = new AbortController();
  #loop: Promise<void> | undefined;
  #askGenerator: (() => Promise<Sample["viewers"]>) | undefined;

  constructor(nodes: readonly WatchedNode[], onSample: (samples: readonly Sample[]) => void) {
    this.#nodes = nodes;
    this.#onSample = onSample;
  }

  watch(process: WatchedProcess): void {
    this.#processes.push(process);
  }

  /** Has samples ask the generator too: for targets whose own counters cannot be read. */
  ask(generator: () => Promise<Sample["viewers"]>): void {
    this.#askGenerator = generator;
  }

  /** Takes a sample now, and from then on every second. */
  async start(): Promise<void> {
    await this.take();
    this.#loop = this.#run();
  }

  /** Ends the loop with a last sample. */
  async stop(): Promise<void> {
    this.end();
    await this.#loop;
    await this.take();
  }

  /** Ends the loop. */
  end(): void {
    this.#end.abort();
  }

  async take(): Promise<void> {
    const nodes = new Map<string, NodeCounters>();
    await Promise.all(
      this.#nodes.map(async ({ name, scrape }) => {
        // A node that is down or too busy to answer shows as a gap, which is what is to be seen.
        const text = await scrape().catch(() => undefined);
        if (text !== undefined) nodes.set(name, nodeCounters(text));
      }),
    );
    const viewers = await this.#askGenerator?.();
    const usageOf = (read: (pid: number) => number): Map<string, number> =>
      new Map(
        this.#processes.flatMap(({ name, pid }) => {
          const value = whileRunning(() => read(pid));
          return value === undefined ? [] : [[name, value] as const];
        }),
      );
    this.samples.push({
      atMs: performance.now(),
      nodes,
      cpuSec: usageOf(cpuSecOf),
      rssBytes: usageOf(rssBytesOf),
      machine: machineCpuSec(),
      viewers,
    });
    this.#onSample(this.samples);
  }

  async #run(): Promise<void> {
    const startMs = performance.now();
    for (let n = 1; ; n++) {
      const aheadMs = Math.max(0, startMs + n * everyMs - performance.now());
      await delay(aheadMs, undefined, { signal: this.#end.signal }).catch(() => undefined);
      if (this.#end.signal.aborted) return;
      await this.take();
    }
  }
}
