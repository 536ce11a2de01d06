/** Viewer counts between tiers: what children report, and what this node reports to its parent. */
import type { NodeHealth } from "../../src/health/node-health.ts";
import { reportedViewersMax, type ViewerReport } from "../../src/health/viewer-report.ts";
import type { ParentCall, ParentClient } from "./parent-client.ts";

/** How often a node reports. */
export const reportIntervalMs = 5_000;
/** How long a stopping node waits for its last reports to be answered. */
const farewellMsMax = 500;
/** A child that has been silent this long has none. */
const silentAfterMs = 15_000;
/** Children remembered a feed; a tier has far fewer, and a broken child cannot grow it. */
const childCountMax = 4_096;

interface ChildCount {
  viewers: number;
  heardMs: number;
}

/** The children's viewers, by feed. */
export class ChildViewers {
  readonly #feeds: Map<string, ChildCount>[];
  readonly #nowMs: () => number;

  constructor({ feedCount, nowMs }: { feedCount: number; nowMs: () => number }) {
    this.#feeds = Array.from({ length: feedCount }, () => new Map<string, ChildCount>());
    this.#nowMs = nowMs;
  }

  note(feed: number, { node, process, viewers }: ViewerReport): void {
    const children = this.#feeds[feed]!;
    const key = `${node}/${process}`;
    if (children.size >= childCountMax && !children.has(key)) return;
    children.set(key, { viewers, heardMs: this.#nowMs() });
  }

  count(feed: number): number {
    const children = this.#feeds[feed]!;
    let sum = 0;
    for (const [key, child] of children) {
      if (this.#nowMs() - child.heardMs > silentAfterMs) children.delete(key);
      else sum += child.viewers;
    }
    return sum;
  }
}

/** What a node says that leaves a parent. */
const nobody = { countOf: () => 0, nodes: () => [] };

type ReportClient = Pick<ParentClient, "post">;

export interface ViewerReporterOptions {
  node: string;
  process: () => number;
  feeds: readonly string[];
  countOf: (feed: number) => number;
  /** Goes with the first feed's report: this node and those below it. */
  nodes: () => readonly NodeHealth[];
  /** The parent to report to now; undefined when there is none. */
  parent: () => ReportClient | undefined;
  failed: () => void;
}

/** Reports this node's viewers, its children's among them, while it runs. */
export class ViewerReporter {
  readonly #options: ViewerReporterOptions;
  /** Reports that are not answered yet, by feed. */
  readonly #calls = new Map<number, ParentCall>();
  /** Last reports to a former parent, given up with the next report. */
  #farewells: ParentCall[] = [];
  /** Who counts this node's viewers now. */
  #told: ReportClient | undefined;
  #timer: NodeJS.Timeout | undefined;
  #answered: () => void = () => undefined;

  constructor(options: ViewerReporterOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.report(), reportIntervalMs);
  }

  /** Takes the viewers back where they were reported; resolves when that has been answered. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#told === undefined) return;
    this.#reportTo(this.#told, nobody);
    this.#told = undefined;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#answered = () => {
        if (this.#calls.size === 0) resolve();
      };
      timer = setTimeout(resolve, farewellMsMax);
      this.#answered();
    });
    clearTimeout(timer);
  }

  report(): void {
    const client = this.#options.parent();
    for (const call of this.#farewells.splice(0)) call.abort();
    // Both parents would count the viewers until the former one forgets them.
    if (this.#told !== undefined && this.#told !== client) {
      this.#reportTo(this.#told, nobody);
      this.#farewells = [...this.#calls.values()];
      this.#calls.clear();
    }
    this.#told = client;
    if (client !== undefined) this.#reportTo(client, this.#options);
  }

  #reportTo(
    client: ReportClient,
    { countOf, nodes }: Pick<ViewerReporterOptions, "countOf" | "nodes">,
  ): void {
    const { node, process, feeds, failed } = this.#options;
    for (const [feed, name] of feeds.entries()) {
      this.#giveUp(feed);
      // The answer may come within the call.
      const sent: { call: ParentCall | undefined; isOver: boolean } = {
        call: undefined,
        isOver: false,
      };
      const over = (): void => {
        sent.isOver = true;
        if (this.#calls.get(feed) === sent.call) this.#calls.delete(feed);
        this.#answered();
      };
      sent.call = client.post(
        `/live/${name}/viewers`,
        {
          ...{ node, process: process() },
          // Children that are each within bounds may be beyond them together.
          viewers: Math.min(countOf(feed), reportedViewersMax),
          ...(feed === 0 ? { nodes: nodes() } : {}),
        },
        {
          head: (status) => {
            if (status >= 300) failed();
          },
          bytes: () => undefined,
          end: over,
          error: () => {
            over();
            failed();
          },
        },
      );
      if (!sent.isOver) this.#calls.set(feed, sent.call);
    }
  }

  /** A silent parent must not collect reports: they would take the connections that fills need. */
  #giveUp(feed: number): void {
    const call = this.#calls.get(feed);
    if (call === undefined) return;
    this.#calls.delete(feed);
    call.abort();
    this.#options.failed();
  }
}
