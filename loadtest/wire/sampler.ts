/**
 * Looks at the programs of a run every second: what they sent and fetched, their CPU and memory. A
 * sample is late when the machine is busy, so rates are over the time that really passed.
 */
import { setTimeout as delay } from "node:timers/promises";
import {
  countersSum,
  hasFallen,
  noCounters,
  nodeCounters,
  present,
  type NodeCounters,
} from "./node-counters.ts";
import { cpuSecOf, machineCpuSec, rssBytesOf, whileRunning } from "./process-usage.ts";

export interface WatchedProcess {
  name: string;
  pid: number;
}

export interface WatchedNode {
  name: string;
  tier: "edge" | "shield" | "origin";
  scrape: () => Promise<string>;
  /** Process id of its program now, which changes when it is started again. */
  pid: () => number;
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
/** Samples that are the same so long after one another show that all is quiet; tried so often. */
const quietMs = 200;
const quietSampleCountMax = 10;

export class Sampler {
  readonly samples: Sample[] = [];
  /** Nodes whose counters fell: their programs ended and were started again. */
  readonly restarts: { node: string; atMs: number }[] = [];
  /** By node: the last scrape, and what programs before the present one had counted. */
  readonly #scraped = new Map<string, { last: NodeCounters; before: NodeCounters }>();
  /** By process: CPU of programs before the present one, and the last reading. */
  readonly #cpu = new Map<string, { last: number; before: number }>();
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
    this.#processes.push({ ...process });
  }

  /** Has samples ask the generator too: for targets whose own counters cannot be read. */
  ask(generator: () => Promise<Sample["viewers"]>): void {
    this.#askGenerator = generator;
  }

  /** Takes a sample when nothing is under way between nodes, and from then on every second. */
  async start(): Promise<void> {
    await this.#takeQuiet();
    this.samples.splice(0, this.samples.length - 1);
    this.#loop = this.#run();
  }

  /** Ends the loop with a last sample, when nothing is under way between nodes. */
  async stop(): Promise<void> {
    this.end();
    await this.#loop;
    await this.#takeQuiet();
  }

  /** Ends the loop. */
  end(): void {
    this.#end.abort();
  }

  /** Nodes are not scraped at one moment: what is under way then one has counted, and one has not. */
  async #takeQuiet(): Promise<void> {
    await this.take();
    for (let n = 1; n < quietSampleCountMax; n++) {
      await delay(quietMs);
      await this.take();
      const [before, after] = this.samples.slice(-2);
      if (isSame(before!, after!)) return;
    }
  }

  async take(): Promise<void> {
    const nodes = new Map<string, NodeCounters>();
    await Promise.all(
      this.#nodes.map(async ({ name, scrape }) => {
        // A node that is down or too busy to answer shows as a gap, which is what is to be seen.
        const text = await scrape().catch(() => undefined);
        if (text !== undefined) nodes.set(name, this.#continued(name, nodeCounters(text)));
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
      cpuSec: this.#continuedCpu(usageOf(cpuSecOf)),
      rssBytes: usageOf(rssBytesOf),
      machine: machineCpuSec(),
      viewers,
    });
    this.#onSample(this.samples);
  }

  /** The counters as if the node had never been started again; what it did unseen is lost. */
  #continued(name: string, now: NodeCounters): NodeCounters {
    const known = this.#scraped.get(name);
    let before = known?.before ?? noCounters;
    if (known !== undefined && hasFallen(known.last, now)) {
      before = countersSum(before, known.last);
      this.restarts.push({ node: name, atMs: performance.now() });
      const { pid } = this.#nodes.find((node) => node.name === name)!;
      const watched = this.#processes.find((process) => process.name === name);
      if (watched !== undefined) watched.pid = pid();
    }
    this.#scraped.set(name, { last: now, before });
    return { ...countersSum(before, now), ...present(now) };
  }

  #continuedCpu(now: ReadonlyMap<string, number>): Map<string, number> {
    return new Map(
      [...now].map(([name, sec]) => {
        const known = this.#cpu.get(name);
        const hasRestarted = known !== undefined && sec < known.last;
        const before = (known?.before ?? 0) + (hasRestarted ? known.last : 0);
        this.#cpu.set(name, { last: sec, before });
        return [name, before + sec];
      }),
    );
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

function isSame(one: Sample, other: Sample): boolean {
  return [...one.nodes].every(([name, { egressBytes, fillBytes }]) => {
    const now = other.nodes.get(name);
    return now?.egressBytes === egressBytes && now.fillBytes === fillBytes;
  });
}
