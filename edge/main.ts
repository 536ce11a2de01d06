/**
 * The program of a relay: an edge when it has a viewer port, a shield when it has a tier port. The
 * composition root: parts are built, started in order and closed in reverse.
 */
import { createHash, randomInt } from "node:crypto";
import { hostname } from "node:os";
import type { Config } from "../src/config/schema.ts";
import { targetDurationSec } from "../src/media/grid.ts";
import { AppError } from "../src/base/errors.ts";
import { startAdminServer } from "../src/node/admin-server.ts";
import { closeInReverse, type ClosablePart } from "../src/node/lifecycle.ts";
import { createLog, type Log } from "../src/node/log.ts";
import { Metrics } from "../src/node/metrics.ts";
import { reportReady, type ReadyPorts } from "../src/node/ready.ts";
import { systemClock } from "../src/node/system-clock.ts";
import { startTierServer } from "../src/node/tier-server.ts";
import { exportEdgeMetrics } from "./edge-metrics.ts";
import { ParentClient } from "./fill/parent-client.ts";
import { RelayDriver } from "./fill/relay-driver.ts";
import { ChildViewers, ViewerReporter } from "./fill/viewer-reports.ts";
import { Pages } from "./http/pages.ts";
import { RelayPort } from "./http/relay-port.ts";
import { TierPort } from "./http/tier-port.ts";
import { ViewerCount } from "./http/viewer-count.ts";
import { ViewerServer } from "./http/viewer-server.ts";
import { loadPlayerAssets } from "./player/player-assets.ts";

export interface Program {
  ports: ReadyPorts;
  close(): Promise<void>;
}

/** The window and two more behind it stay fetchable. */
const historyWindows = 3;
const stallTickMs = 1_000;
const closeDeadlineMs = 5_000;
/** A segment to a viewer of its rate takes longer; a player fetches it again elsewhere. */
const drainMsMax = 1_500;

export async function runEdge(config: Config): Promise<Program> {
  const log = createLog({ level: config.node.logLevel, node: config.node.name });
  const relay = new Relay(config, log);
  try {
    const ports = await relay.start();
    reportReady(config.stateDir, ports);
    log.info({ ports }, "the relay is ready");
    return { ports, close: () => relay.close() };
  } catch (error) {
    await relay.close();
    throw error;
  }
}

class Relay {
  readonly #config: Config;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #feeds: readonly string[];
  readonly #parents: readonly ParentClient[];
  readonly #driver: RelayDriver;
  readonly #childViewers: ChildViewers;
  readonly #viewerPort: RelayPort;
  readonly #tierPort: RelayPort;
  readonly #viewerCount: ViewerCount;
  readonly #started: ClosablePart[] = [];
  readonly #ports: ReadyPorts = {};
  #reportsFailed = 0;

  constructor(config: Config, log: Log) {
    if (config.parents.length === 0) {
      throw new AppError("CONFIG_INVALID", "a relay needs parents: set the tier URL of its origin");
    }
    this.#config = config;
    this.#log = log;
    this.#feeds = config.feeds.map((feed) => feed.name);
    const tier = config.viewer.listen === null ? "shield" : "edge";
    this.#metrics = new Metrics({ tier, node: config.node.name });
    this.#parents = config.parents.map((url) => parentClient(config, url));
    this.#driver = new RelayDriver({
      relay: relayOptions(config),
      waiterCountMax: config.viewer.waiterCountMax,
      parents: this.#parents,
      clock: systemClock,
      log,
    });
    const nowMs = (): number => systemClock.nowMs();
    this.#childViewers = new ChildViewers({ feedCount: this.#feeds.length, nowMs });
    this.#viewerPort = this.#relayPort();
    this.#tierPort = this.#relayPort();
    this.#viewerCount = new ViewerCount({
      feedCount: this.#feeds.length,
      targetDurationMs: targetDurationSec * 1_000,
      sessionCountMax: config.viewer.connectionCountMax,
      nowMs,
      segmentDurationMs: (feed) => this.#driver.node.segmentDurationMs(feed),
      connectionCount: () => this.#viewerPort.counters.connections,
    });
    exportEdgeMetrics({
      metrics: this.#metrics,
      driver: this.#driver,
      ports: [
        { name: "viewers", port: this.#viewerPort },
        { name: "children", port: this.#tierPort },
      ],
      feeds: this.#feeds,
      nowMs,
      viewersOf: (feed) => this.#viewersOf(feed),
      reportsFailed: () => this.#reportsFailed,
    });
  }

  async start(): Promise<ReadyPorts> {
    const ports = this.#ports;
    this.#startFollowing();
    if (this.#config.tier.listen !== null) {
      ports.tier = await this.#startTier(this.#config.tier.listen);
    }
    if (this.#config.viewer.listen !== null) {
      ports.viewer = await this.#startViewers(this.#config.viewer.listen);
    }
    const admin = await startAdminServer({
      config: this.#config,
      metrics: this.#metrics,
      ready: () => this.#readiness(),
      log: this.#log,
    });
    this.#started.push({ name: "admin port", close: () => admin.close() });
    if (admin.port !== undefined) ports.admin = admin.port;
    return ports;
  }

  async close(): Promise<void> {
    const parts = this.#started.splice(0);
    await closeInReverse(parts, { deadlineMs: closeDeadlineMs, log: this.#log });
  }

  #startFollowing(): void {
    this.#driver.start();
    const stallTimer = setInterval(() => {
      const nowMs = systemClock.nowMs();
      this.#viewerPort.stalls.tick(nowMs);
      this.#tierPort.stalls.tick(nowMs);
    }, stallTickMs);
    const reporter = new ViewerReporter({
      node: this.#config.node.name,
      process: () => processNumber(this.#ports.viewer ?? this.#ports.tier ?? 0),
      feeds: this.#feeds,
      countOf: (feed) => this.#viewersOf(feed),
      parent: () => this.#parents[this.#driver.node.preferredParent(systemClock.nowMs())],
      failed: () => (this.#reportsFailed += 1),
    });
    reporter.start();
    this.#started.push({
      name: "following",
      close: async () => {
        clearInterval(stallTimer);
        await reporter.stop();
        this.#driver.stop();
        await Promise.all(this.#parents.map((parent) => parent.close()));
      },
    });
  }

  async #startTier(listen: string): Promise<number> {
    const tierPort = new TierPort({ relayPort: this.#tierPort, childViewers: this.#childViewers });
    const { counters } = this.#tierPort;
    const server = await startTierServer({
      ...this.#config.tier,
      listen,
      hooks: {
        connectionRefused: () => (counters.connectionsRefused += 1),
        responseStalled: () => (counters.responsesStalled += 1),
      },
      handle: (request, response) => tierPort.handle(request, response),
    });
    this.#started.push({ name: "tier port", close: () => server.close() });
    return server.port;
  }

  async #startViewers(listen: string): Promise<number> {
    const pages = new Pages({
      relayPort: this.#viewerPort,
      assets: await loadPlayerAssets(),
      feeds: this.#feeds,
      stateOf: (feed) => this.#driver.statusOf(this.#feeds.indexOf(feed))?.state,
    });
    const server = new ViewerServer({
      listen,
      connectionCountMax: this.#config.viewer.connectionCountMax,
      relayPort: this.#viewerPort,
      pages,
      viewerCount: this.#viewerCount,
    });
    const port = await server.start();
    this.#started.push({
      name: "viewer port",
      close: async () => {
        server.stopListening();
        await this.#drain();
        server.close();
      },
    });
    return port;
  }

  /** Held requests are answered, and bodies under way get a moment to end. */
  async #drain(): Promise<void> {
    this.#driver.waiters.endAll();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, drainMsMax);
    });
    await Promise.race([this.#viewerPort.stalls.empty(), late]);
    clearTimeout(timer);
  }

  #relayPort(): RelayPort {
    const { stallTimeoutMs, stallBytesMin } = this.#config.viewer;
    return new RelayPort({
      driver: this.#driver,
      clock: systemClock,
      stall: { timeoutMs: stallTimeoutMs, bytesMin: stallBytesMin },
    });
  }

  #viewersOf(feed: number): number {
    return this.#viewerCount.count(feed) + this.#childViewers.count(feed);
  }

  #readiness(): { ready: boolean; reason?: string } {
    const nowMs = systemClock.nowMs();
    for (const [index, feed] of this.#feeds.entries()) {
      if (this.#driver.statusOf(index) === undefined) {
        return { ready: false, reason: `no parent has said what feed ${feed} does` };
      }
      const { ageMs, isStale } = this.#driver.node.freshness(index, nowMs);
      if (isStale) {
        return { ready: false, reason: `feed ${feed} is live but ${Math.round(ageMs)} ms old` };
      }
    }
    return { ready: true };
  }
}

function relayOptions(config: Config) {
  return {
    feeds: config.feeds.map((feed) => feed.name),
    parentCount: config.parents.length,
    historyCount: historyWindows * config.window.segmentCount,
    targetDurationMs: targetDurationSec * 1_000,
    holdMsMax: config.follow.holdMsMax,
    firstByteTimeoutMs: config.follow.firstByteTimeoutMs,
    progressTimeoutMs: config.follow.progressTimeoutMs,
    idleMs: config.follow.idleMs,
    cacheBytesMax: config.cache.bytesMax,
    objectBytesMax: config.cache.objectBytesMax,
    fillCountMax: config.cache.fillCountMax,
    jitterSeed: randomInt(2 ** 32),
    followStatus: true,
  };
}

/** Connections to a parent: all fills, and a held reload for every playlist and status. */
function parentClient(config: Config, url: string): ParentClient {
  const heldCount = config.feeds.length * 16;
  return new ParentClient({
    url,
    secret: config.tier.secret,
    connectTimeoutMs: config.follow.firstByteTimeoutMs,
    connectionCountMax: config.cache.fillCountMax + heldCount,
  });
}

/**
 * What tells apart the processes that report viewers: their machine and port. Unlike a process id
 * it is the same after a crash, so that the next process's count takes the place of the last one's,
 * and nodes of one name on several machines do not take each other's.
 */
function processNumber(port: number): number {
  const hash = createHash("sha256").update(`${hostname()}:${port}`).digest();
  return hash.readUInt32BE(0) % 1_000_000_000;
}
