/**
 * The program of a relay: an edge when it has a viewer port, a shield when it has a tier port. The
 * composition root: parts are built, started in order and closed in reverse.
 */
import type { Config } from "../src/config/schema.ts";
import { edgeMetrics } from "../src/metrics/edge.ts";
import { HistogramSlots } from "../src/metrics/histogram-slots.ts";
import { AppError } from "../src/base/errors.ts";
import type { AddressMode } from "../src/base/shown-address.ts";
import { mbpsToBitsPerSec } from "../src/base/units.ts";
import { AccessLog } from "../src/node/access-log.ts";
import { startAdminServer } from "../src/node/admin-server.ts";
import { closeInReverse, type ClosablePart } from "../src/node/lifecycle.ts";
import { logLevelCall } from "../src/node/log-level-call.ts";
import { programLog, type Log } from "../src/node/log.ts";
import { Metrics } from "../src/node/metrics.ts";
import { exportProcessMetrics } from "../src/node/process-metrics.ts";
import { NodeWatch } from "../src/node/node-watch.ts";
import { processNumber } from "../src/node/process-number.ts";
import { statusHandler } from "../src/node/status-api.ts";
import { reportReady, type ReadyPorts } from "../src/node/ready.ts";
import { systemClock } from "../src/node/system-clock.ts";
import { startTierServer, type TierServer } from "../src/node/tier-server.ts";
import { Audience } from "./audience.ts";
import { CmcdIntake } from "./cmcd/cmcd-intake.ts";
import { cmcdPosts } from "./cmcd/cmcd-post.ts";
import { exportCmcdMetrics } from "./cmcd/export-cmcd-metrics.ts";
import { exportEdgeMetrics } from "./edge-metrics.ts";
import type { ParentClient } from "./fill/parent-client.ts";
import type { RelayNews } from "./fill/relay-news.ts";
import { RelayDriver } from "./fill/relay-driver.ts";
import { ChildViewers, ViewerReporter } from "./fill/viewer-reports.ts";
import { Pages } from "./http/pages.ts";
import { portCount } from "./http/port-counts.ts";
import { answeredKinds, RelayPort } from "./http/relay-port.ts";
import { TierPort } from "./http/tier-port.ts";
import { ViewerServer } from "./http/viewer-server.ts";
import { QoeIntake } from "./qoe/qoe-intake.ts";
import { exportQoeMetrics } from "./qoe/export-qoe-metrics.ts";
import { qoePosts } from "./qoe/qoe-post.ts";
import { exportRoomMetrics } from "./room/export-room-metrics.ts";
import { loadPlayerAssets } from "./player/player-assets.ts";
import { readBrand } from "./player/read-brand.ts";
import { relayFaults } from "./relay-faults.ts";
import { RelayHealth } from "./relay-health.ts";
import { parentClient, relayOptions } from "./relay-options.ts";
import { audioKbps, uploadKbpsUnlimited } from "./transfer-claim.ts";

export interface Program {
  ports: ReadyPorts;
  close(): Promise<void>;
}

export interface RunOptions {
  /** Whether the process is this node's alone. */
  processMetrics?: boolean;
  log?: Log;
}

const stallTickMs = 1_000;
const closeDeadlineMs = 5_000;
/** A segment to a viewer of its rate takes longer; a player fetches it again elsewhere. */
const drainMsMax = 1_500;

/** What the node is: a relay that serves no viewers is a shield. */
export function relayTier(config: Config): "edge" | "shield" {
  return config.viewer.listen === null ? "shield" : "edge";
}

export async function runEdge(
  config: Config,
  {
    processMetrics = false,
    log = programLog(config, { tier: relayTier(config) }),
  }: RunOptions = {},
): Promise<Program> {
  const relay = new Relay(config, log);
  if (processMetrics) relay.exportProcess();
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
  readonly #access: AccessLog;
  readonly #metrics: Metrics;
  readonly #feeds: readonly string[];
  readonly #parents: readonly ParentClient[];
  readonly #driver: RelayDriver;
  readonly #childViewers: ChildViewers;
  readonly #viewerPort: RelayPort;
  readonly #tierPort: RelayPort;
  readonly #audience: Audience;
  readonly #cmcdIntake: CmcdIntake;
  readonly #qoeIntake: QoeIntake;
  readonly #firstByte = new HistogramSlots({
    buckets: edgeMetrics.firstByte.buckets,
    seriesCount: answeredKinds.length,
  });
  readonly #started: ClosablePart[] = [];
  readonly #ports: ReadyPorts = {};
  readonly #health: RelayHealth;
  readonly #watch: NodeWatch;
  #tierServer: TierServer | undefined;
  #reportsFailed = 0;

  constructor(config: Config, log: Log) {
    if (config.parents.length === 0) {
      throw new AppError("CONFIG_INVALID", "a relay needs parents: set the tier URL of its origin");
    }
    this.#config = config;
    this.#log = log;
    const nowMs = (): number => systemClock.nowMs();
    this.#access = new AccessLog({ log, settings: config.log, nowMs });
    this.#feeds = config.feeds.map((feed) => feed.name);
    this.#metrics = new Metrics({ tier: relayTier(config), node: config.node.name });
    this.#parents = config.parents.map((url) => parentClient(config, url));
    this.#driver = new RelayDriver({
      relay: relayOptions(config),
      waiterCountMax: config.viewer.waiterCountMax,
      parents: this.#parents,
      clock: systemClock,
      log,
      access: this.#access,
      ...(this.#hasViewers ? { news: this.#newsForViewers() } : {}),
    });
    this.#childViewers = new ChildViewers({ feedCount: this.#feeds.length, nowMs });
    this.#viewerPort = this.#relayPort({ clientAddress: config.log.clientAddress, isTier: false });
    // Children are machines of this house.
    this.#tierPort = this.#relayPort({ clientAddress: "full", isTier: true });
    this.#audience = new Audience({
      ...{ config, log, clock: systemClock },
      viewerPort: this.#viewerPort,
    });
    this.#cmcdIntake = new CmcdIntake({
      ...config.cmcd,
      audience: {
        connectionCount: () => this.#audience.connectionCount(),
        namelessCount: () => this.#audience.viewers.namelessCount(),
      },
    });
    this.#qoeIntake = this.#pagesBeacons();
    if (this.#hasViewers) {
      exportRoomMetrics({ metrics: this.#metrics, audience: this.#audience, feeds: this.#feeds });
      exportQoeMetrics(this.#metrics, this.#qoeIntake);
      exportCmcdMetrics({
        metrics: this.#metrics,
        intake: this.#cmcdIntake,
        tracks: this.#driver.node.state.tracks,
      });
    }
    exportEdgeMetrics({
      metrics: this.#metrics,
      driver: this.#driver,
      ports: [
        { name: "viewers", port: this.#viewerPort },
        { name: "children", port: this.#tierPort },
      ],
      firstByte: this.#firstByte,
      feeds: this.#feeds,
      egressCapacityBitsPerSec: mbpsToBitsPerSec(config.edge.capacityMbps),
      nowMs,
      viewersOf: (feed) => this.#viewersOf(feed),
      reportsFailed: () => this.#reportsFailed,
      nodeReportsRefused: () => this.#watch.refusedCount,
    });
    this.#health = this.#relayHealth();
    this.#watch = this.#nodeWatch();
  }

  /** A shield has neither rooms nor a swarm to switch. */
  get #hasViewers(): boolean {
    return relayTier(this.#config) === "edge";
  }

  #newsForViewers(): RelayNews {
    return {
      statusTaken: (feed) => this.#audience.statusTaken(feed),
      segmentComplete: (object) => this.#audience.segmentComplete(object),
    };
  }

  #pagesBeacons(): QoeIntake {
    const { cmcd, qoe, swarm } = this.#config;
    const { tracks } = this.#driver.node.state;
    return new QoeIntake({
      ...qoe,
      feeds: this.#feeds,
      sessionCountMax: cmcd.sessionCountMax,
      rungKbpsMax: () => tracks.reduce((max, { rung }) => Math.max(max, rung), audioKbps),
      uploadKbpsMax: swarm.uploadKbpsMax > 0 ? swarm.uploadKbpsMax : uploadKbpsUnlimited,
      watchesSinceMs: (sid) => this.#cmcdIntake.sessions.sinceMs(sid),
    });
  }

  /** What this node says of itself to operators and to its parent. */
  #relayHealth(): RelayHealth {
    return new RelayHealth({
      driver: this.#driver,
      viewerPort: this.#viewerPort,
      tierPort: this.#tierPort,
      feeds: this.#feeds,
      parents: this.#config.parents,
      cmcd: this.#cmcdIntake,
      clock: systemClock,
      capacityBitsPerSec: mbpsToBitsPerSec(this.#config.edge.capacityMbps),
      ready: () => this.#readiness(),
      ownViewersOf: (feed) => this.#audience.viewers.count(feed),
      reportsFailed: () => this.#reportsFailed,
      tierConnectionCount: () => this.#tierServer?.connectionCount() ?? 0,
    });
  }

  #nodeWatch(): NodeWatch {
    let before = this.#health.look();
    const watch: NodeWatch = new NodeWatch({
      name: this.#config.node.name,
      process: () => this.#processNumber(),
      tier: relayTier(this.#config),
      clock: systemClock,
      totals: () => this.#health.totals(),
      facts: () => this.#health.facts(),
      inspect: () => {
        const now = this.#health.look();
        for (const { level, text } of relayFaults(before, now)) watch.note(level, text);
        before = now;
      },
    });
    return watch;
  }

  #processNumber(): number {
    return processNumber(this.#ports.viewer ?? this.#ports.tier ?? 0);
  }

  /** To be asked for once a process. */
  exportProcess(): void {
    exportProcessMetrics(this.#metrics);
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
      api: {
        status: statusHandler({
          clock: systemClock,
          watch: this.#watch,
          feeds: () => this.#health.feedFacts(),
        }),
        log: logLevelCall(this.#log),
        ...(relayTier(this.#config) === "edge" ? { swarm: this.#audience.swarm.call() } : {}),
      },
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
      this.#access.tick(nowMs);
      this.#cmcdIntake.tick(nowMs);
      this.#qoeIntake.tick(nowMs);
    }, stallTickMs);
    if (this.#hasViewers) this.#audience.start();
    const reporter = new ViewerReporter({
      node: this.#config.node.name,
      process: () => this.#processNumber(),
      feeds: this.#feeds,
      countOf: (feed) => this.#viewersOf(feed),
      nodes: () => this.#watch.report(),
      parent: () => this.#parents[this.#driver.node.preferredParent(systemClock.nowMs())],
      failed: () => (this.#reportsFailed += 1),
    });
    reporter.start();
    this.#watch.start();
    this.#started.push({
      name: "following",
      close: async () => {
        clearInterval(stallTimer);
        this.#audience.stop();
        this.#watch.stop();
        await reporter.stop();
        this.#driver.stop();
        this.#access.close();
        await Promise.all(this.#parents.map((parent) => parent.close()));
      },
    });
  }

  async #startTier(listen: string): Promise<number> {
    const tierPort = new TierPort({
      relayPort: this.#tierPort,
      childViewers: this.#childViewers,
      takeNodes: (reporter, nodes) => this.#watch.takeReport(reporter, nodes),
    });
    const { counts } = this.#tierPort;
    const server = await startTierServer({
      ...this.#config.tier,
      listen,
      hooks: {
        connectionRefused: () => (counts[portCount.connectionsRefused]! += 1),
        responseStalled: () => (counts[portCount.responsesStalled]! += 1),
      },
      handle: (request, response) => tierPort.handle(request, response),
    });
    this.#tierServer = server;
    this.#started.push({ name: "tier port", close: () => server.close() });
    return server.port;
  }

  async #startViewers(listen: string): Promise<number> {
    const pages = new Pages({
      relayPort: this.#viewerPort,
      assets: await loadPlayerAssets({
        brand: await readBrand(this.#config.page),
        consent: this.#config.swarm.consent,
      }),
      feeds: this.#feeds,
      stateOf: (feed) => this.#driver.statusOf(this.#feeds.indexOf(feed))?.state,
    });
    const server = new ViewerServer({
      listen,
      connectionCountMax: this.#config.viewer.connectionCountMax,
      relayPort: this.#viewerPort,
      pages,
      viewerCount: this.#audience.viewers,
      room: this.#audience.room,
      cmcdIntake: this.#cmcdIntake,
      trustedProxies: this.#audience.trustedProxies,
      posts: {
        cmcd: cmcdPosts({
          relayPort: this.#viewerPort,
          intake: this.#cmcdIntake,
          bodyCountMax: this.#config.cmcd.bodyCountMax,
        }),
        qoe: qoePosts({
          relayPort: this.#viewerPort,
          intake: this.#qoeIntake,
          bodyCountMax: this.#config.qoe.bodyCountMax,
        }),
      },
    });
    const port = await server.start();
    this.#started.push({
      name: "viewer port",
      close: async () => {
        server.stopListening();
        this.#audience.room.close();
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

  #relayPort(of: { clientAddress: AddressMode; isTier: boolean }): RelayPort {
    const { stallTimeoutMs, stallBytesMin } = this.#config.viewer;
    return new RelayPort({
      driver: this.#driver,
      clock: systemClock,
      stall: { timeoutMs: stallTimeoutMs, bytesMin: stallBytesMin },
      firstByte: this.#firstByte,
      access: this.#access,
      ...of,
    });
  }

  #viewersOf(feed: number): number {
    return this.#audience.viewers.count(feed) + this.#childViewers.count(feed);
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
