/** What the viewer port and the tier port of a relay share: the driver, counters, held responses. */
import type { Clock } from "../../src/base/clock.ts";
import { pathKinds, type PathKind } from "../../src/hls/path.ts";
import { outcomeNames, type Outcome } from "../../src/relay/answer.ts";
import type { Entity } from "../fill/entity.ts";
import { statusText } from "../fill/feed-documents.ts";
import type { RelayDriver } from "../fill/relay-driver.ts";
import { StallWheel } from "./stall-wheel.ts";

/** Plain numbers, so that counting is an addition; metrics copy them at a scrape. */
export interface PortCounters {
  egressBytes: number;
  waitersRefused: number;
  responsesBroken: number;
  responsesStalled: number;
  responsesAborted: number;
  requestsMalformed: number;
  connections: number;
  connectionsRefused: number;
}

export interface RelayPortOptions {
  driver: RelayDriver;
  clock: Clock;
  stall: { timeoutMs: number; bytesMin: number };
}

export class RelayPort {
  readonly driver: RelayDriver;
  readonly clock: Clock;
  readonly stalls: StallWheel;
  readonly counters: PortCounters = {
    egressBytes: 0,
    waitersRefused: 0,
    responsesBroken: 0,
    responsesStalled: 0,
    responsesAborted: 0,
    requestsMalformed: 0,
    connections: 0,
    connectionsRefused: 0,
  };
  /** Responses by kind of path and outcome. */
  readonly responses = new Float64Array(pathKinds.length * outcomeNames.length);

  constructor({ driver, clock, stall }: RelayPortOptions) {
    this.driver = driver;
    this.clock = clock;
    this.stalls = new StallWheel(stall);
  }

  count(kind: PathKind, met: Outcome | -1): void {
    if (met === -1) return;
    this.responses[kindIndex[kind] * outcomeNames.length + met]! += 1;
  }

  /** `status.json` of a known feed now. */
  statusText(feed: string): string {
    const index = this.driver.node.state.feedIndex.get(feed) ?? -1;
    const status = this.driver.statusOf(index);
    if (status === undefined) return "{}\n";
    return statusText(status, {
      nowUnixMs: Math.round(this.clock.unixMs()),
      lastSegmentUnixMs: Math.round(this.driver.lastSegmentUnixMsOf(index)),
    });
  }

  ladderEntity(feed: string): Entity | undefined {
    return this.driver.ladderEntityOf(this.driver.node.state.feedIndex.get(feed) ?? -1);
  }
}

const kindIndex = Object.fromEntries(pathKinds.map((kind, index) => [kind, index])) as Record<
  PathKind,
  number
>;
