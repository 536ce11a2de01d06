/** What a relay says of itself, read from its ports, its relay node and its viewers' reports. */
import type { Clock } from "../src/base/clock.ts";
import type { FeedHealth } from "../src/health/node-health.ts";
import { addressCharsMax } from "../src/health/node-health.ts";
import { QualityMeter } from "../src/health/quality-meter.ts";
import type { FeedFacts } from "../src/health/status-document.ts";
import type { TrafficTotals } from "../src/health/traffic-meter.ts";
import type { NodeFacts } from "../src/node/node-watch.ts";
import { outcome, outcomeNames } from "../src/relay/answer.ts";
import { countIndex } from "../src/relay/counts.ts";
import type { CmcdIntake } from "./cmcd/cmcd-intake.ts";
import type { RelayDriver } from "./fill/relay-driver.ts";
import { portCount } from "./http/port-counts.ts";
import { answeredKinds, type RelayPort } from "./http/relay-port.ts";
import type { RelayLook } from "./relay-faults.ts";

export interface RelayHealthOptions {
  driver: RelayDriver;
  viewerPort: RelayPort;
  tierPort: RelayPort;
  feeds: readonly string[];
  /** Tier URLs of the parents. */
  parents: readonly string[];
  cmcd: CmcdIntake;
  clock: Clock;
  capacityBitsPerSec: number;
  ready: () => { ready: boolean; reason?: string };
  /** Of this node alone. */
  ownViewersOf: (feed: number) => number;
  reportsFailed: () => number;
  /** Of child relays. */
  tierConnectionCount: () => number;
}

export class RelayHealth {
  readonly #options: RelayHealthOptions;
  readonly #quality = new QualityMeter();

  constructor(options: RelayHealthOptions) {
    this.#options = options;
  }

  totals(): TrafficTotals {
    const { viewerPort, tierPort, driver } = this.#options;
    const segments = (met: number): number =>
      segmentResponses(viewerPort, met) + segmentResponses(tierPort, met);
    const hitCount = segments(outcome.hit) + segments(outcome.join);
    return {
      toViewersBytes: viewerPort.counts[portCount.egressBytes]!,
      toChildrenBytes: tierPort.counts[portCount.egressBytes]!,
      fillBytes: driver.fillBytes.reduce((sum, bytes) => sum + bytes, 0),
      hitCount,
      lookupCount: hitCount + segments(outcome.miss),
    };
  }

  facts(): NodeFacts {
    const { viewerPort, tierConnectionCount, capacityBitsPerSec, ready } = this.#options;
    const quality = this.#quality.read(this.#qualityNow());
    return {
      ready: ready(),
      feeds: this.#feeds(),
      connectionCount: viewerPort.counts[portCount.connections]! + tierConnectionCount(),
      capacityBitsPerSec,
      ejectedParents: this.#ejectedParents(),
      ...(quality === undefined ? {} : { quality }),
    };
  }

  /** For `relayFaults`; to be called once a second. */
  look(): RelayLook {
    const { driver, viewerPort, tierPort, clock, reportsFailed } = this.#options;
    this.#quality.push(this.#qualityNow(), clock.nowMs());
    const { counts } = driver.node.state;
    const ofPorts = (key: keyof typeof portCount): number =>
      viewerPort.counts[portCount[key]]! + tierPort.counts[portCount[key]]!;
    return {
      ejectedParents: this.#ejectedParents(),
      staleFeeds: this.#feeds()
        .filter(({ isStale }) => isStale)
        .map(({ name }) => name),
      counts: {
        digestMismatch: counts[countIndex.digestMismatch]!,
        parentRegressed: counts[countIndex.parentRegressed]!,
        feedReset: counts[countIndex.feedReset]!,
        cacheFull: counts[countIndex.cacheFull]!,
        objectTooLarge: counts[countIndex.objectTooLarge]!,
        fillQueued: counts[countIndex.fillQueued]!,
        waitersRefused: ofPorts("waitersRefused"),
        connectionsRefused: ofPorts("connectionsRefused"),
        reportsFailed: reportsFailed(),
      },
    };
  }

  /** What this node knows of the feeds; the origin knows more. */
  feedFacts(): FeedFacts[] {
    const { driver, feeds } = this.#options;
    return feeds.map((name, index) => {
      const status = driver.statusOf(index);
      return {
        name,
        ...(status === undefined ? {} : { state: status.state }),
        sinceUnixMs: status?.sinceUnixMs ?? 0,
        lastSegmentUnixMs: Math.round(driver.lastSegmentUnixMsOf(index)),
        viewers: status?.viewers ?? 0,
        rungs: (driver.ladderOf(index)?.variants ?? []).map((variant) => ({
          rung: variant.rung,
          bandwidthBitsPerSec: variant.bandwidthBitsPerSec,
          ...(variant.width === undefined ? {} : { width: variant.width }),
          ...(variant.height === undefined ? {} : { height: variant.height }),
          ...(variant.frameRate === undefined ? {} : { frameRate: variant.frameRate }),
        })),
      };
    });
  }

  #feeds(): FeedHealth[] {
    const { driver, feeds, clock, ownViewersOf } = this.#options;
    return feeds.map((name, index) => ({
      name,
      viewers: ownViewersOf(index),
      isStale: driver.node.freshness(index, clock.nowMs()).isStale,
    }));
  }

  #ejectedParents(): string[] {
    const { driver, parents, clock } = this.#options;
    const nowMs = clock.nowMs();
    return parents
      .filter((_, index) => driver.node.state.parents.isEjected(index, nowMs))
      .map((url) => new URL(url).host.slice(0, addressCharsMax));
  }

  #qualityNow() {
    const { sessions } = this.#options.cmcd;
    const { stallCount, stallMs, playMs, startup } = sessions.totals;
    const buckets = Array.from({ length: startup.bounds.length + 1 }, (_, bucket) => bucket);
    return {
      sessionCount: sessions.count,
      stallCount,
      stalledMs: stallMs,
      playedMs: playMs,
      startupCount: buckets.reduce((sum, bucket) => sum + startup.countIn(0, bucket), 0),
      startupMsSum: 1_000 * startup.sumOf(0),
    };
  }
}

const segmentKind = answeredKinds.indexOf("segment");

function segmentResponses(port: RelayPort, met: number): number {
  return port.responses[segmentKind * outcomeNames.length + met]!;
}
