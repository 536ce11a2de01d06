/** What the viewer port and the tier port of a relay share: the driver, counters, held responses. */
import type { Clock } from "../../src/base/clock.ts";
import type { AddressMode } from "../../src/base/shown-address.ts";
import type { PathKind } from "../../src/hls/path.ts";
import { statusAgeHeader } from "../../src/hls/status.ts";
import type { HistogramSlots } from "../../src/metrics/histogram-slots.ts";
import type { AccessLog } from "../../src/node/access-log.ts";
import { outcomeNames, type Outcome } from "../../src/relay/answer.ts";
import type { Entity } from "../fill/entity.ts";
import { statusText } from "../fill/feed-documents.ts";
import type { RelayDriver } from "../fill/relay-driver.ts";
import { portCountSlots } from "./port-counts.ts";
import { statusHead } from "./response-head.ts";
import { StallWheel } from "./stall-wheel.ts";

/** What is asked of a relay's ports, in the order of their counters' slots. */
export const answeredKinds = [
  "multivariant",
  "media",
  "init",
  "segment",
  "status",
  "ladder",
] as const satisfies readonly PathKind[];

export interface RelayPortOptions {
  driver: RelayDriver;
  clock: Clock;
  stall: { timeoutMs: number; bytesMin: number };
  /** Seconds from request to answer, by kind; the ports of a node may share them. */
  firstByte: HistogramSlots;
  access: AccessLog;
  /** How the log shows who asked. */
  clientAddress: AddressMode;
  /** Whether child relays ask here, which follow a status and are told how fresh it is. */
  isTier: boolean;
}

export class RelayPort {
  readonly driver: RelayDriver;
  readonly clock: Clock;
  readonly stalls: StallWheel;
  readonly access: AccessLog;
  readonly clientAddress: AddressMode;
  readonly counts = new Float64Array(portCountSlots);
  /** Responses by kind, then outcome. */
  readonly responses = new Float64Array(answeredKinds.length * outcomeNames.length);
  /** Longest hold of a request for a status. */
  readonly statusHoldMs: number;
  readonly #isTier: boolean;
  readonly #firstByte: HistogramSlots;

  constructor(options: RelayPortOptions) {
    this.driver = options.driver;
    this.clock = options.clock;
    this.stalls = new StallWheel(options.stall);
    this.access = options.access;
    this.clientAddress = options.clientAddress;
    this.#firstByte = options.firstByte;
    this.#isTier = options.isTier;
    this.statusHoldMs = options.isTier ? this.driver.statusHoldMs : this.driver.holdMs;
  }

  /**
   * Counts an answer at its first byte, `tookMs` after its request: 0 within the same turn, -1 for
   * a reload that was held on purpose, whose time says nothing.
   */
  count(kind: PathKind, met: Outcome | -1, tookMs: number): void {
    const index = kindIndex[kind];
    if (met === -1 || index === undefined) return;
    this.responses[index * outcomeNames.length + met]! += 1;
    if (tookMs >= 0) this.#firstByte.observe(index, tookMs / 1_000);
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

  /** The head for `status.json` of a known feed now. */
  statusHead(feed: string): string {
    if (!this.#isTier) return statusHead;
    const index = this.driver.node.state.feedIndex.get(feed) ?? -1;
    const ageMs = this.driver.node.statusAgeMs(index, this.clock.nowMs());
    return `${statusHead}\r\n${statusAgeHeader}: ${Math.round(ageMs)}`;
  }

  ladderEntity(feed: string): Entity | undefined {
    return this.driver.ladderEntityOf(this.driver.node.state.feedIndex.get(feed) ?? -1);
  }
}

const kindIndex: Readonly<Partial<Record<PathKind, number>>> = Object.fromEntries(
  answeredKinds.map((kind, index) => [kind, index]),
);
