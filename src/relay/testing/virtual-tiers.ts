/**
 * Tiers of relay nodes in virtual time: an origin that lists a segment each 4.267 s, nodes that ask
 * one another over links with latency, loss and silence drawn from a seed. No sockets, no clock.
 */
import { formatPath, emptyPath, type ParsedPath } from "../../hls/path.ts";
import type { FeedState } from "../../hls/status.ts";
import { answer, createRelayRequest, locate, outcome, type RelayRequest } from "../answer.ts";
import { objectKind } from "../objects.ts";
import { holdMsOf, type RelayOptions } from "../options.ts";
import { RelayNode } from "../relay-node.ts";
import type { PlaylistFacts } from "../window.ts";

const segmentMs = 4_267;
const windowCount = 8;
export const segmentBytes = 160_000;
const feed = "main";

/** mulberry32: 32 bits of state are plenty for a test's schedule. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export class VirtualTime {
  nowMs = 0;
  readonly #events: { atMs: number; order: number; run: () => void }[] = [];
  #order = 0;

  at(atMs: number, run: () => void): void {
    this.#order += 1;
    const event = { atMs: Math.max(atMs, this.nowMs), order: this.#order, run };
    const index = this.#events.findLastIndex((other) => other.atMs <= event.atMs);
    this.#events.splice(index + 1, 0, event);
  }

  runUntil(endMs: number): void {
    while (this.#events.length > 0 && this.#events[0]!.atMs <= endMs) {
      const event = this.#events.shift()!;
      this.nowMs = event.atMs;
      event.run();
    }
    this.nowMs = endMs;
  }
}

/** What a parent answers, or nothing when it stays silent. */
export type Answer =
  | { kind: "playlist"; facts: PlaylistFacts; ageMs: number }
  | { kind: "media" }
  | { kind: "error"; reason: "missing" | "unavailable" | "connection" };

export interface VirtualParent {
  ask(path: ParsedPath, after: number, reply: (answered: Answer) => void): void;
}

export class VirtualOrigin implements VirtualParent {
  readonly requests = new Map<string, number>();
  lastMsn = 100 + windowCount - 1;
  state: FeedState = "live";
  readonly #time: VirtualTime;
  #listedAtMs = 0;
  #waiting: (() => boolean)[] = [];

  constructor(time: VirtualTime) {
    this.#time = time;
    this.#scheduleNext();
  }

  ask(path: ParsedPath, after: number, reply: (answered: Answer) => void): void {
    const name = formatPath(path);
    this.requests.set(name, (this.requests.get(name) ?? 0) + 1);
    if (path.kind === "segment") {
      reply(path.msn <= this.lastMsn ? { kind: "media" } : { kind: "error", reason: "missing" });
      return;
    }
    const send = (): boolean => {
      if (this.lastMsn < after) return false;
      const ageMs = this.#time.nowMs - this.#listedAtMs;
      reply({ kind: "playlist", facts: this.facts(), ageMs });
      return true;
    };
    if (!send()) this.#waiting.push(send);
  }

  facts(): PlaylistFacts {
    return {
      firstMsn: this.lastMsn - windowCount + 1,
      epochs: new Array<number>(windowCount).fill(7),
      initNames: [],
      lastDurationMs: segmentMs,
      ended: false,
    };
  }

  #scheduleNext(): void {
    this.#time.at(this.#time.nowMs + segmentMs, () => {
      this.lastMsn += 1;
      this.#listedAtMs = this.#time.nowMs;
      this.#waiting = this.#waiting.filter((send) => !send());
      this.#scheduleNext();
    });
  }
}

export interface LinkFaults {
  /** Share of requests that fail, and share that are never answered. */
  failRatio: number;
  silentRatio: number;
  latencyMsMax: number;
}

export class VirtualNode implements VirtualParent {
  readonly relay: RelayNode;
  /** MSN of each playlist this node took over, in order. */
  readonly lastMsns: number[] = [];
  fillBytes = 0;
  readonly #time: VirtualTime;
  readonly #parents: readonly VirtualParent[];
  readonly #random: () => number;
  readonly #faults: LinkFaults;
  readonly #waiters = new Map<number, (() => void)[]>();

  constructor(options: {
    time: VirtualTime;
    relay: RelayOptions;
    parents: readonly VirtualParent[];
    random: () => number;
    faults: LinkFaults;
  }) {
    this.#time = options.time;
    this.#parents = options.parents;
    this.#random = options.random;
    this.#faults = options.faults;
    this.relay = new RelayNode({ ...options.relay, parentCount: options.parents.length });
    this.relay.applyStatus(0, { version: 1, state: "live", ladderVersion: 1 }, 0);
    this.relay.applyLadder(0, { version: 1, rungs: [300] }, 0);
    this.#tick();
  }

  /** The outcome's code for viewers of this node; their demand is counted. */
  view(path: ParsedPath, count: number): number {
    const request = createRelayRequest();
    locate(this.relay, path, request);
    const found = answer(this.relay, request, this.#time.nowMs);
    if (request.object !== -1) this.relay.demand(request.object, count, this.#time.nowMs);
    this.#perform();
    return found;
  }

  ask(path: ParsedPath, after: number, reply: (answered: Answer) => void): void {
    const request = createRelayRequest();
    request.after = after;
    const untilMs = this.#time.nowMs + holdMsOf(this.relay.state.options);
    this.#time.at(untilMs, () => {
      request.waited = true;
    });
    this.#serve(path, request, reply);
  }

  #serve(path: ParsedPath, request: RelayRequest, reply: (answered: Answer) => void): void {
    locate(this.relay, path, request);
    const { object } = request;
    const found = answer(this.relay, request, this.#time.nowMs);
    if (found === outcome.hit || found === outcome.stale) {
      this.relay.demand(object, 1, this.#time.nowMs);
      reply(path.kind === "segment" ? { kind: "media" } : this.#playlistAnswer());
    } else if (found === outcome.join || found === outcome.miss || found === outcome.wait) {
      let served = false;
      const again = (): void => {
        if (served) return;
        served = true;
        this.#serve(path, request, reply);
      };
      this.#waiters.set(object, [...(this.#waiters.get(object) ?? []), again]);
      this.#time.at(this.#time.nowMs + holdMsOf(this.relay.state.options), again);
      this.relay.demand(object, 1, this.#time.nowMs);
    } else {
      const reason = found === outcome.notFound ? "missing" : "unavailable";
      reply({ kind: "error", reason });
    }
    this.#perform();
  }

  #playlistAnswer(): Answer {
    const track = this.relay.state.tracks[0]!;
    const facts: PlaylistFacts = {
      firstMsn: track.firstMsn,
      epochs: new Array<number>(track.lastMsn - track.firstMsn + 1).fill(track.lastEpoch),
      initNames: [],
      lastDurationMs: track.lastDurationMs,
      ended: false,
    };
    return { kind: "playlist", facts, ageMs: this.#time.nowMs - track.versionAtMs };
  }

  #tick(): void {
    this.relay.tick(this.#time.nowMs);
    this.#perform();
    this.#time.at(this.#time.nowMs + 50, () => this.#tick());
  }

  #perform(): void {
    for (const decision of this.relay.take()) {
      if (decision.kind === "fill") this.#request(decision);
      if (decision.kind !== "wake") continue;
      const waiting = this.#waiters.get(decision.object) ?? [];
      this.#waiters.delete(decision.object);
      for (const again of waiting) again();
    }
  }

  #request(fill: { attempt: number; object: number; parent: number; after: number }): void {
    const { attempt, object, after } = fill;
    const { objects } = this.relay.state;
    const isMedia = objects.kind[object] === objectKind.segment;
    const path: ParsedPath = {
      ...emptyPath(isMedia ? "segment" : "media"),
      feed,
      rung: 300,
      ...(isMedia ? { epoch: objects.epoch[object]!, msn: objects.msn[object]! } : {}),
    };
    const draw = this.#random();
    const latencyMs = (): number => Math.round(this.#random() * this.#faults.latencyMsMax);
    if (draw < this.#faults.silentRatio) return;
    this.#time.at(this.#time.nowMs + latencyMs(), () => {
      if (draw < this.#faults.silentRatio + this.#faults.failRatio) {
        this.#take(attempt, { kind: "error", reason: "connection" });
        return;
      }
      this.#parents[fill.parent]!.ask(path, after, (answered) => {
        this.#time.at(this.#time.nowMs + latencyMs(), () => this.#take(attempt, answered));
      });
    });
  }

  #take(attempt: number, answered: Answer): void {
    const { nowMs } = this.#time;
    if (answered.kind === "error") {
      this.relay.fillError(attempt, answered.reason, nowMs);
    } else if (answered.kind === "playlist") {
      const { facts, ageMs } = answered;
      if (this.relay.playlistVersion(attempt, { facts, ageMs }, nowMs)) {
        this.lastMsns.push(facts.firstMsn + facts.epochs.length - 1);
      }
    } else {
      const skip = this.relay.fillStart(
        attempt,
        { totalBytes: segmentBytes, sameContent: true },
        nowMs,
      );
      if (skip !== -1) {
        this.fillBytes += segmentBytes - skip;
        this.relay.fillProgress(attempt, segmentBytes, nowMs);
        this.relay.fillEnd(attempt, { digestOk: true }, nowMs);
      }
    }
    this.#perform();
  }
}
