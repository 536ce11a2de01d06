/**
 * A whole broadcast: the planned programs, the test card, and the status that a person sees. Starts
 * them in order, parents first, and closes them in reverse.
 */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Config } from "../src/config/schema.ts";
import { adminTokenFile } from "../src/node/admin-server.ts";
import type { ReadyPorts } from "../src/node/ready.ts";
import { readBroadcast, readPublisher, type ReadingTargets } from "./broadcast-reading.ts";
import { summaryText } from "./broadcast-summary.ts";
import type { LocalPrometheus } from "./local-prometheus.ts";
import { removeScrapeTargets, scrapeTargets, writeScrapeTargets } from "./scrape-targets.ts";
import { nodeConfig, type PlannedNode } from "./start-plan.ts";
import type { StatusDisplay } from "./status-display.ts";
import { statusKey, statusLine, type BroadcastReading } from "./status-line.ts";
import { Supervisor } from "./supervisor.ts";
import { TestCard } from "./test-card.ts";

/** How often the nodes are read for the status line. */
const readingMs = 2_000;

export interface BroadcastOptions {
  config: Config;
  nodes: readonly PlannedNode[];
  /** Absolute; each node has a folder of its name in it. */
  stateDir: string;
  /** Path of fullhouse.mjs. */
  launcher: string;
  wantsTestCard: boolean;
  /** Started when all nodes are up; undefined when none was asked for. */
  prometheus: LocalPrometheus | undefined;
  display: StatusDisplay;
}

export class Broadcast {
  readonly #options: BroadcastOptions;
  readonly #supervisor: Supervisor;
  /**
   * Of this run only, and worth little: it publishes only while nobody else does. It is in the
   * command line of the card's encoder, so whoever may list this machine's processes can read it.
   */
  readonly #standbyKey = randomBytes(24).toString("base64url");
  readonly #hasTestCard: boolean;
  readonly #closing = new AbortController();
  #testCard: TestCard | undefined;
  #status: Promise<void> | undefined;

  constructor(options: BroadcastOptions) {
    this.#options = options;
    const { config, stateDir, launcher, display } = options;
    // A replayed recording takes no publisher.
    this.#hasTestCard = options.wantsTestCard && config.origin.source === "rtmp";
    const hash = createHash("sha256").update(this.#standbyKey).digest("hex");
    this.#supervisor = new Supervisor({
      launcher,
      stateDir,
      configOf: (node, parent) =>
        nodeConfig(config, node, {
          stateDir: join(stateDir, node.name),
          parentTierPort: parent?.tier,
          standbyKeyHash: this.#hasTestCard ? `sha256:${hash}` : undefined,
        }),
      say: (line) => display.say(line),
    });
  }

  /** Resolves when all is up and printed; rejects with an AppError when something cannot start. */
  async start(): Promise<void> {
    const { nodes, display } = this.#options;
    display.say(`Starting ${nodes.map(({ name }) => name).join(", ")} ...`);
    let waiting = [...nodes];
    while (waiting.length > 0 && !this.#closing.signal.aborted) {
      const next = waiting.filter(
        ({ parent }) => parent === undefined || this.#supervisor.portsOf(parent) !== undefined,
      );
      await Promise.all(next.map((node) => this.#supervisor.start(node)));
      waiting = waiting.filter((node) => !next.includes(node));
      this.#writeTargets();
      this.#testCard ??= this.#startTestCard();
    }
    if (!this.#isClosing()) await this.#options.prometheus?.start();
    if (this.#isClosing()) return;
    display.say(this.#summary());
    this.#status = this.#showStatus();
  }

  /** Who watches first, lest it take the end for a fault; then the card, edges, and their parents. */
  async close(): Promise<void> {
    this.#closing.abort();
    removeScrapeTargets(this.#options.stateDir);
    await this.#options.prometheus?.close();
    await this.#testCard?.stop();
    await this.#supervisor.close();
    await this.#status;
  }

  /** Nodes keep their ports when they are started again. */
  #writeTargets(): void {
    if (this.#isClosing()) return;
    const { nodes, stateDir } = this.#options;
    const adminPortOf = (name: string) => this.#supervisor.portsOf(name)?.admin;
    writeScrapeTargets(stateDir, scrapeTargets(nodes, adminPortOf));
  }

  #startTestCard(): TestCard | undefined {
    if (!this.#hasTestCard || this.#closing.signal.aborted) return undefined;
    const { config, display } = this.#options;
    return new TestCard({
      ffmpegPath: config.origin.ffmpegPath,
      url: () => {
        const port = this.#supervisor.portsOf("origin")?.rtmp;
        if (port === undefined) return undefined;
        return `rtmp://127.0.0.1:${port}/${config.rtmp.application}/${this.#standbyKey}`;
      },
      othersPublish: async () => {
        const publisher = await readPublisher(this.#targets());
        return publisher === undefined ? undefined : publisher === "main";
      },
      say: (line) => display.say(line),
    });
  }

  async #showStatus(): Promise<void> {
    const { signal } = this.#closing;
    let before: BroadcastReading | undefined;
    while (!signal.aborted) {
      const now = await readBroadcast(this.#targets());
      if (this.#isClosing()) return;
      this.#options.display.show({ line: statusLine(now, before), key: statusKey(now) });
      before = now;
      await delay(readingMs, undefined, { signal }).catch(() => undefined);
    }
  }

  #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  #targets(): ReadingTargets {
    const { config, nodes } = this.#options;
    return {
      feed: firstFeed(config).name,
      tierSecret: config.tier.secret,
      origin: this.#supervisor.portsOf("origin"),
      edges: nodes
        .filter(({ listen }) => listen.viewer !== undefined)
        .map(({ name }) => this.#supervisor.portsOf(name)),
    };
  }

  #summary(): string {
    const { config, nodes, stateDir } = this.#options;
    const feed = firstFeed(config);
    const ports = nodes.map(({ name }): [string, ReadyPorts] => [
      name,
      this.#supervisor.portsOf(name) ?? {},
    ]);
    return summaryText({
      feed: feed.name,
      application: config.rtmp.application,
      streamKey:
        feed.keyHashes.length > 0 || config.origin.source !== "rtmp"
          ? undefined
          : readFileSync(join(stateDir, "origin", `stream-key-${feed.name}`), "utf8").trim(),
      lanAddresses: lanAddresses(),
      rtmpPort: config.origin.source === "rtmp" ? ports[0]?.[1].rtmp : undefined,
      nodes: new Map(ports),
      stateDir: shortPath(stateDir),
      hasTestCard: this.#hasTestCard,
      adminToken: readFileSync(join(stateDir, "origin", adminTokenFile), "utf8").trim(),
      prometheusUrl: this.#options.prometheus?.url,
    });
  }
}

/** As a person would type it from here. */
function shortPath(path: string): string {
  const fromHere = relative("", path);
  return fromHere === "" || fromHere.startsWith("..") ? path : fromHere;
}

function firstFeed(config: Config): Config["feeds"][number] {
  const [feed] = config.feeds;
  if (feed === undefined) throw new Error("the schema asks for at least one feed");
  return feed;
}

/** IPv4 addresses under which other machines of the network reach this one. */
function lanAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);
}
