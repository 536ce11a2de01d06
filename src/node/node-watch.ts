/**
 * What a node knows of itself and of the nodes below it: it samples this process once a second, takes
 * the reports of children, and makes the report to the parent. What is specific to a program comes
 * through `NodeWatchOptions`.
 */
import type { Clock } from "../base/clock.ts";
import { FaultLog, printable, type FaultLevel } from "../health/fault-log.ts";
import { NodeBoard, type BoardEvent } from "../health/node-board.ts";
import {
  nodeId,
  reasonCharsMax,
  reportFaultCountMax,
  type FeedHealth,
  type NodeHealth,
  type NodeTier,
  type ViewerQuality,
} from "../health/node-health.ts";
import { boundedReport } from "../health/node-report.ts";
import { readNodeReport } from "../health/read-node-report.ts";
import { TrafficMeter, type TrafficTotals } from "../health/traffic-meter.ts";
import { ProcessVitals } from "./process-vitals.ts";

const sampleMs = 1_000;

/** What a program says of itself now. */
export interface NodeFacts {
  ready: { ready: boolean; reason?: string };
  feeds: FeedHealth[];
  connectionCount: number;
  /** 0: nobody has said. */
  capacityBitsPerSec: number;
  ejectedParents: string[];
  quality?: ViewerQuality;
}

export interface NodeWatchOptions {
  name: string;
  /** Tells processes of one name apart; known once the ports are. */
  process: () => number;
  tier: NodeTier;
  clock: Clock;
  totals: () => TrafficTotals;
  facts: () => NodeFacts;
  /** Once a second: looks for what has gone wrong or right, and notes it. */
  inspect: () => void;
}

export class NodeWatch {
  readonly #options: NodeWatchOptions;
  readonly #faults = new FaultLog();
  readonly #board = new NodeBoard();
  readonly #traffic = new TrafficMeter();
  readonly #vitals = new ProcessVitals();
  readonly #startedMs: number;
  #timer: NodeJS.Timeout | undefined;
  /** Reports of children that were not taken. */
  refusedCount = 0;

  constructor(options: NodeWatchOptions) {
    this.#options = options;
    this.#startedMs = options.clock.nowMs();
  }

  start(): void {
    this.sample();
    this.#timer = setInterval(() => this.sample(), sampleMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#vitals.close();
  }

  /** To be called once a second; `start` does. */
  sample(): void {
    const nowMs = this.#options.clock.nowMs();
    this.#traffic.push(this.#options.totals(), nowMs);
    this.#vitals.sample();
    this.#options.inspect();
    for (const event of this.#board.takeEvents(nowMs)) this.#noteChild(event);
  }

  /** Says that something is wrong, or right again, in one sentence. */
  note(level: FaultLevel, text: string): void {
    this.#faults.note(level, text, Math.round(this.#options.clock.unixMs()));
  }

  /**
   * Takes the `nodes` of a child's report; what is wrong with them is counted, and changes nothing
   * else of the report.
   */
  takeReport(reporter: { node: string; process: number }, nodes: unknown): void {
    const nowUnixMs = Math.round(this.#options.clock.unixMs());
    const read = readNodeReport(nodes, { ...reporter, nowUnixMs });
    const id = nodeId({ name: reporter.node, process: reporter.process });
    const taken =
      typeof read !== "string" && this.#board.note(id, read, this.#options.clock.nowMs());
    if (!taken) this.refusedCount += 1;
  }

  /** This node, then all below it. */
  nodes(): NodeHealth[] {
    const own = this.#own();
    return [own, ...this.#board.nodes(nodeId(own), this.#options.clock.nowMs())];
  }

  /** The same within the bounds of a report. */
  report(): NodeHealth[] {
    const [own, ...below] = this.nodes();
    return boundedReport(own!, below);
  }

  #own(): NodeHealth {
    const { name, process, tier, clock } = this.#options;
    const { ready, ...facts } = this.#options.facts();
    return {
      name,
      process: process(),
      tier,
      parent: "",
      nodeCount: 1,
      uptimeMs: Math.round(clock.nowMs() - this.#startedMs),
      ageMs: 0,
      isReady: ready.ready,
      reason: printable(ready.reason ?? "", reasonCharsMax),
      ...facts,
      ...this.#traffic.rates(),
      ...this.#vitals.read(),
      faults: this.#faults.recent(reportFaultCountMax),
    };
  }

  #noteChild({ kind, name }: BoardEvent): void {
    if (kind === "silent") this.note("bad", `${name} has fallen silent`);
    if (kind === "back") this.note("good", `${name} is heard of again`);
    if (kind === "restarted") this.note("warning", `${name} was started anew`);
    if (kind === "left") this.note("warning", `${name} has signed off`);
  }
}
