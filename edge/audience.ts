/**
 * Who watches at an edge: those in its room and those who only fetch, composed and counted, and
 * whether they help each other.
 */
import type { Clock } from "../src/base/clock.ts";
import type { Config } from "../src/config/schema.ts";
import { targetDurationSec } from "../src/media/grid.ts";
import type { Log } from "../src/node/log.ts";
import type { RelayNews } from "./fill/relay-news.ts";
import { portCount } from "./http/port-counts.ts";
import type { RelayPort } from "./http/relay-port.ts";
import { TrustedProxies } from "./http/trusted-proxies.ts";
import { ViewerCount } from "./http/viewer-count.ts";
import { Room } from "./room/room.ts";
import { SwarmSwitch, watchMs } from "./room/swarm-switch.ts";
import { swarmTotal } from "./room/swarm-totals.ts";
import { systemResolve, TurnAddresses } from "./room/turn-addresses.ts";

export interface AudienceOptions {
  config: Config;
  viewerPort: RelayPort;
  clock: Clock;
  log: Log;
}

const swarmTickMs = 1_000;

export class Audience implements RelayNews {
  readonly room: Room;
  readonly swarm: SwarmSwitch;
  readonly viewers: ViewerCount;
  readonly trustedProxies: TrustedProxies;
  readonly #options: AudienceOptions;
  readonly #turnAddresses: TurnAddresses;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(options: AudienceOptions) {
    this.#options = options;
    this.trustedProxies = new TrustedProxies(options.config.viewer.trustedProxies);
    this.#turnAddresses = this.#newTurnAddresses();
    this.swarm = this.#swarmSwitch();
    this.room = this.#newRoom();
    this.viewers = this.#viewerCount();
  }

  /** Switches the swarm as it should be, until `stop`. */
  start(): void {
    this.#turnAddresses.start();
    this.#timers.push(
      setInterval(() => this.swarm.tick(), swarmTickMs),
      setInterval(() => this.swarm.watch(), watchMs),
    );
  }

  stop(): void {
    this.#turnAddresses.stop();
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }

  /** Connections that carry requests: not the room's. */
  connectionCount(): number {
    return this.#options.viewerPort.counts[portCount.connections]!;
  }

  /** A policy that the status brings goes out before it. */
  statusTaken(feed: number): void {
    this.swarm.look(feed);
    this.room.statusTaken(feed);
  }

  segmentComplete(object: number): void {
    this.room.segmentComplete(object);
  }

  #newTurnAddresses(): TurnAddresses {
    const { config, clock, log } = this.#options;
    return new TurnAddresses({
      urls: config.swarm.iceServers.map(({ url }) => url),
      relayAddresses: config.swarm.turnRelayAddresses,
      resolve: systemResolve,
      nowMs: () => clock.nowMs(),
      log,
    });
  }

  #newRoom(): Room {
    const { config, viewerPort, clock } = this.#options;
    return new Room({
      feeds: config.feeds.map(({ name }) => name),
      settings: config.room,
      relayPort: viewerPort,
      clock,
      random: Math.random,
      policyOf: (feed) => this.swarm.policyOf(feed),
      trustedProxies: this.trustedProxies,
      isRelay: (address) => this.#turnAddresses.has(address),
      uploadKbpsMax: config.swarm.uploadKbpsMax,
    });
  }

  #swarmSwitch(): SwarmSwitch {
    const { config, viewerPort, clock, log } = this.#options;
    const feeds = config.feeds.map(({ name }) => name);
    const peerBytesOf = (feed: number): number => this.room.totals.of(feed)[swarmTotal.peerBytes]!;
    return new SwarmSwitch({
      feeds,
      swarm: config.swarm,
      statusOf: (feed) => viewerPort.driver.statusOf(feed),
      statusAgeMs: (feed) => viewerPort.driver.node.statusAgeMs(feed, clock.nowMs()),
      load: () => ({
        egressBytes: viewerPort.counts[portCount.egressBytes]!,
        peerBytes: feeds.reduce((sum, _, feed) => sum + peerBytesOf(feed), 0),
        memberBitsPerSec: this.room.memberBitsPerSec,
      }),
      changed: (feed) => this.room.policyChanged(feed),
      nowMs: () => clock.nowMs(),
      log,
    });
  }

  #viewerCount(): ViewerCount {
    const { config, viewerPort, clock } = this.#options;
    return new ViewerCount({
      feedCount: config.feeds.length,
      targetDurationMs: targetDurationSec * 1_000,
      sessionCountMax: config.viewer.connectionCountMax,
      nowMs: () => clock.nowMs(),
      segmentDurationMs: (feed) => viewerPort.driver.node.segmentDurationMs(feed),
      connectionCount: () => this.connectionCount(),
      connectionSessionCountMax: config.cmcd.connectionSessionCountMax,
      room: this.room,
    });
  }
}
