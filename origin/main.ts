/** The origin: publishers in, packaged ladders out on the tier port. Builds the parts and starts them. */
import { resolve } from "node:path";
import { AppError } from "../src/base/errors.ts";
import { kbpsToBitsPerSec } from "../src/base/units.ts";
import type { Config } from "../src/config/schema.ts";
import { effectiveLadder, isAudioRung } from "../src/govern/effective-ladder.ts";
import { gridFor, targetDurationSec } from "../src/media/grid.ts";
import { AccessLog } from "../src/node/access-log.ts";
import { startAdminServer } from "../src/node/admin-server.ts";
import { closeInReverse, type ClosablePart } from "../src/node/lifecycle.ts";
import { logLevelCall } from "../src/node/log-level-call.ts";
import { programLog, type Log } from "../src/node/log.ts";
import { Metrics } from "../src/node/metrics.ts";
import { exportProcessMetrics } from "../src/node/process-metrics.ts";
import { processNumber } from "../src/node/process-number.ts";
import { reportReady, type ReadyPorts } from "../src/node/ready.ts";
import { lockState } from "../src/node/state-lock.ts";
import { systemClock } from "../src/node/system-clock.ts";
import { statusHandler } from "../src/node/status-api.ts";
import { startTierServer, type TierServer } from "../src/node/tier-server.ts";
import { openFeedCounters } from "./feed/feed-counters.ts";
import { feedMetrics } from "./feed/feed-metrics.ts";
import { FeedPipeline } from "./feed/feed-pipeline.ts";
import { TierLog } from "./http/tier-log.ts";
import { tierTreeMetrics } from "./http/tier-metrics.ts";
import { TierTree } from "./http/tier-tree.ts";
import { startRtmpServer } from "./ingest/rtmp-server.ts";
import { streamKeyPath } from "./ingest/stream-keys.ts";
import { FeedPackager } from "./packager/feed-packager.ts";
import { packagerMetrics } from "./packager/packager-metrics.ts";
import { OriginHealth } from "./origin-health.ts";
import { SwarmPermission } from "./swarm-permission.ts";
import { checkFfmpeg } from "./transcode/ffmpeg-command.ts";
import { openReplay, type ReplayRecording } from "./transcode/replay-recording.ts";
import { startReplay } from "./transcode/replay.ts";
import { openSocketFolder } from "./transcode/socket-folder.ts";
import { transcoderMetrics } from "./transcode/transcoder-metrics.ts";
import { startTranscoder } from "./transcode/transcoder.ts";

export interface Program {
  ports: ReadyPorts;
  close(): Promise<void>;
}

export interface RunOptions {
  /** Whether the process is this node's alone. */
  processMetrics?: boolean;
  log?: Log;
}

const tickMs = 100;
/** The encoders' last pictures and one SIGKILL fit in. */
const closeDeadlineMs = 7_000;

/** Starts the origin; throws an AppError when a port, folder or replay cannot be used. */
export async function runOrigin(
  config: Config,
  { processMetrics = false, log = programLog(config, { tier: "origin" }) }: RunOptions = {},
): Promise<Program> {
  const metrics = new Metrics({ tier: "origin", node: config.node.name });
  if (processMetrics) exportProcessMetrics(metrics);
  const parts: ClosablePart[] = [];
  const close = async (): Promise<void> => {
    await closeInReverse(parts, { deadlineMs: closeDeadlineMs, log });
  };
  try {
    const ports = await start({ config, log, metrics, parts });
    reportReady(config.stateDir, ports);
    log.info({ ports, ...streamKeyFiles(config) }, "the origin is ready");
    return { ports, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Where the keys are that were generated: for a person who wants to publish. */
function streamKeyFiles({ origin, feeds, stateDir }: Config): { streamKeyFiles?: string[] } {
  const own = origin.source === "rtmp" ? feeds.filter((feed) => feed.keyHashes.length === 0) : [];
  if (own.length === 0) return {};
  return { streamKeyFiles: own.map(({ name }) => resolve(streamKeyPath(stateDir, name))) };
}

interface Building {
  config: Config;
  log: Log;
  metrics: Metrics;
  /** What has been started, to be closed in reverse. */
  parts: ClosablePart[];
}

async function start({ config, log, metrics, parts }: Building): Promise<ReadyPorts> {
  const clock = systemClock;
  if (config.tier.listen === null) {
    throw new AppError("CONFIG_INVALID", "tier.listen is null: an origin serves on its tier port");
  }
  const advice = "stop it, or set another stateDir";
  const unlock = lockState({ stateDir: config.stateDir, program: "origin", advice });
  parts.push(stopper("state folder", unlock));
  const sockets = openSocketFolder(config.stateDir);
  parts.push(stopper("socket folder", sockets.remove));
  const recording = await openSource(config);
  const rungs = rungNames(config, recording);
  const tierPort: { server?: TierServer } = {};
  const health = new OriginHealth({
    ...{ config, clock, metrics },
    process: () => processNumber(tierPort.server?.port ?? 0),
    connectionCount: () => tierPort.server?.connectionCount() ?? 0,
    ready: () => readiness(feeds),
  });
  const feeds = buildFeeds(
    { config, log, metrics, parts },
    { socketDir: sockets.path, rungs, health },
  );
  const permission = new SwarmPermission({ config, feeds, clock, log });
  const access = new AccessLog({ log, settings: config.log, nowMs: () => clock.nowMs() });
  parts.push(stopper("access log", () => access.close()));
  const treeMetrics = tierTreeMetrics(metrics, { heldCount: () => tree.heldCount });
  const tree: TierTree = new TierTree({
    config,
    feeds: feeds.map((pipeline) => ({ pipeline, rungs })),
    clock,
    metrics: {
      ...treeMetrics,
      replied: (kind, status, bodyBytes) => {
        health.sent(bodyBytes);
        treeMetrics.replied(kind, status, bodyBytes);
      },
    },
    takeNodes: (reporter, nodes) => health.watch.takeReport(reporter, nodes),
    logOf: (request) => new TierLog(request, { access, clock }),
  });
  const timer = setInterval(() => {
    const nowMs = clock.nowMs();
    for (const feed of feeds) feed.tick(nowMs);
    tree.tick(nowMs);
    access.tick(nowMs);
  }, tickMs);
  parts.push(stopper("clock", () => clearInterval(timer)));
  health.start(feeds);
  parts.push(stopper("health", () => health.watch.stop()));
  const building = { config, log, metrics, parts };
  const admin = await startAdmin(building, { health, feeds, permission });
  const tier = await startTierServer({
    ...config.tier,
    listen: config.tier.listen,
    hooks: treeMetrics,
    handle: (request, response) => tree.handle(request, response),
  });
  tierPort.server = tier;
  parts.push({ name: "tier port", close: () => tier.close() });
  if (recording !== undefined) startReplays(building, feeds, recording);
  const rtmp = recording === undefined ? await startPublishing(building, health) : undefined;
  return {
    tier: tier.port,
    ...(rtmp === undefined ? {} : { rtmp }),
    ...(admin === undefined ? {} : { admin }),
  };
}

/** Opens the admin port, if there is to be one; returns which one it is. */
async function startAdmin(
  { config, metrics, log, parts }: Building,
  of: { health: OriginHealth; feeds: readonly FeedPipeline[]; permission: SwarmPermission },
): Promise<number | undefined> {
  const { health, feeds, permission } = of;
  const { watch } = health;
  const admin = await startAdminServer({
    ...{ config, metrics, log, ready: () => readiness(feeds) },
    api: {
      status: statusHandler({ clock: systemClock, watch, feeds: () => health.feedFacts() }),
      log: logLevelCall(log),
      swarm: permission.call(),
    },
  });
  parts.push({ name: "admin port", close: () => admin.close() });
  return admin.port;
}

function buildFeeds(
  { config, log, metrics, parts }: Building,
  more: { socketDir: string; rungs: ReadonlySet<string>; health: OriginHealth },
): FeedPipeline[] {
  const { socketDir, rungs, health } = more;
  const clock = systemClock;
  const { stateDir, window } = config;
  const capBitsPerSec = kbpsToBitsPerSec(config.ladder.capKbps ?? 0);
  const [feedMetricsOf, packagerMetricsOf] = [feedMetrics(metrics), packagerMetrics(metrics)];
  return config.feeds.map(({ name: feed }) => {
    const observer = health.observer(feed);
    const own = observer.ofFeed(feedMetricsOf(feed));
    const onWriteError = (error: unknown): void => {
      own.stateWriteError();
      log.error({ feed, err: error }, "the feed's counters could not be saved");
    };
    const counters = openFeedCounters({ stateDir, feed, clock, log, onWriteError });
    const packager = new FeedPackager({
      feed,
      window: { ...window, bytesMax: Math.floor(window.bytesMax / config.feeds.length) },
      counters,
      clock,
      log,
      metrics: observer.ofPackager(packagerMetricsOf({ feed, rungs, capBitsPerSec })),
    });
    const pipeline = new FeedPipeline({
      ...{ feed, config, clock, log, packager, counters },
      metrics: own,
      note: (level, text) => health.watch.note(level, text),
      startEncoder: (plan, hooks) =>
        startTranscoder({
          ...{ feed, plan, hooks, log, metrics, clock },
          ffmpegPath: config.origin.ffmpegPath,
          socketDir,
          inputQueueBytesMax: config.rtmp.inputQueueBytesMax,
        }),
    });
    parts.push({ name: `feed ${feed}`, close: () => pipeline.close() });
    return pipeline;
  });
}

/** The recording to play in the publishers' place, if any; otherwise an encoder must be there. */
async function openSource(config: Config): Promise<ReplayRecording | undefined> {
  const { source } = config.origin;
  if (!source.startsWith("replay:")) {
    await checkFfmpeg(config.origin.ffmpegPath);
    return undefined;
  }
  return openReplay({ dir: source.slice("replay:".length), capKbps: config.ladder.capKbps });
}

/** The rungs that there may be, as they stand in URLs: the same for every source. */
function rungNames(config: Config, recording: ReplayRecording | undefined): ReadonlySet<string> {
  const ladder = effectiveLadder({ ladder: config.ladder, grid: gridFor(30) });
  const rungs =
    recording === undefined ? ladder : [...recording.rungs, ...ladder.filter(isAudioRung)];
  return new Set(rungs.map((rung) => rung.rung));
}

function startReplays(
  { parts }: Building,
  feeds: readonly FeedPipeline[],
  recording: ReplayRecording,
): void {
  for (const feed of feeds) {
    const trackBytes = feed.startReplay(recording);
    const replay = startReplay({ recording, clock: systemClock, hooks: { trackBytes } });
    parts.push(stopper(`replay of ${feed.name}`, () => replay.stop()));
  }
}

/** Opens the RTMP port; returns which one it is. */
async function startPublishing(
  { config, log, metrics, parts }: Building,
  health: OriginHealth,
): Promise<number> {
  for (const { name } of config.feeds) transcoderMetrics(metrics).expect(name);
  const rtmp = await startRtmpServer({
    ...{ config, log, metrics },
    clock: systemClock,
    handlers: health.publishHandlers(),
  });
  parts.push({ name: "rtmp port", close: () => rtmp.close() });
  return rtmp.port;
}

function stopper(name: string, stop: () => void): ClosablePart {
  return {
    name,
    close: () => {
      stop();
      return Promise.resolve();
    },
  };
}

/** Past 1.5 target durations a live playlist counts as stale (RFC 8216bis section 6.2.1). */
const staleMs = 1.5 * targetDurationSec * 1000;

function readiness(feeds: readonly FeedPipeline[]): { ready: boolean; reason?: string } {
  const nowMs = systemClock.nowMs();
  const stale = feeds.find((feed) => {
    return feed.state === "live" && nowMs - (feed.lastSegmentMs ?? nowMs) > staleMs;
  });
  if (stale === undefined) return { ready: true };
  return { ready: false, reason: `feed ${stale.name} is live, but its last segment is old` };
}
