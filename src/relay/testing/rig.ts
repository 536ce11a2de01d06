/** A relay node under a test's hand: time stands still unless told, decisions are kept for asking. */
import { emptyPath, parsePath } from "../../hls/path.ts";
import { answer, createRelayRequest, locate, outcomeNames } from "../answer.ts";
import { countIndex, type CountName } from "../counts.ts";
import type { RelayDecision } from "../decision.ts";
import type { RelayOptions } from "../options.ts";
import { RelayNode } from "../relay-node.ts";
import type { PlaylistFacts } from "../window.ts";

export const rigOptions: RelayOptions = {
  feeds: ["main"],
  parentCount: 2,
  historyCount: 24,
  targetDurationMs: 4_000,
  holdMsMax: 8_000,
  firstByteTimeoutMs: 1_500,
  progressTimeoutMs: 3_000,
  idleMs: 15_000,
  cacheBytesMax: 1_000_000,
  objectBytesMax: 500_000,
  fillCountMax: 8,
  jitterSeed: 1,
  followStatus: false,
};

type Fill = Extract<RelayDecision, { kind: "fill" }>;

export class Rig {
  readonly node: RelayNode;
  nowMs = 100_000;
  readonly decisions: RelayDecision[] = [];

  constructor(options: Partial<RelayOptions> = {}) {
    this.node = new RelayNode({ ...rigOptions, ...options });
  }

  /** A live feed with rungs 300 and 750 and a followed playlist 100 to 107 of epoch 7. */
  static live(options: Partial<RelayOptions> = {}): Rig {
    const rig = new Rig(options);
    rig.node.applyStatus(0, { version: 1, state: "live", ladderVersion: 1 }, rig.nowMs);
    rig.node.applyLadder(0, { version: 1, rungs: [300, 750] }, rig.nowMs);
    rig.demand("/live/main/300/index.m3u8");
    rig.answerReload(facts({ firstMsn: 100, count: 8 }));
    rig.take();
    return rig;
  }

  object(path: string): number {
    const request = createRelayRequest();
    locate(this.node, parsePath(path) ?? emptyPath(), request);
    return request.object;
  }

  /** The outcome's name. */
  ask(path: string, { after = -1, waited = false } = {}): string {
    const request = createRelayRequest();
    locate(this.node, parsePath(path) ?? emptyPath(), request);
    request.after = after;
    request.waited = waited;
    return outcomeNames[answer(this.node, request, this.nowMs)]!;
  }

  demand(path: string, count = 1): void {
    this.node.demand(this.object(path), count, this.nowMs);
  }

  /** Passes time in ticks of 50 ms, as the adapter does. */
  pass(ms: number): void {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      this.nowMs = Math.min(endMs, this.nowMs + 50);
      this.node.tick(this.nowMs);
    }
  }

  /** Decisions since the last call. */
  take(): RelayDecision[] {
    const taken = this.node.take();
    this.decisions.push(...taken);
    return taken;
  }

  takeFills(): Fill[] {
    return this.take().filter((decision) => decision.kind === "fill");
  }

  kinds(): string[] {
    return this.take().map((decision) => decision.kind);
  }

  /** The newest attempt for the object that was decided on. */
  lastFill(path: string): Fill {
    this.take();
    const object = this.object(path);
    const fills = this.decisions.filter((d): d is Fill => d.kind === "fill" && d.object === object);
    const last = fills.at(-1);
    if (last === undefined) throw new Error(`nothing was asked for ${path}`);
    return last;
  }

  /** Answers the newest reload of the playlist. */
  answerReload(answered: PlaylistFacts, { ageMs = 0, rung = 300 } = {}): boolean {
    const { attempt } = this.lastFill(`/live/main/${rung}/index.m3u8`);
    return this.node.playlistVersion(attempt, { facts: answered, ageMs }, this.nowMs);
  }

  head(attempt: number, totalBytes: number, sameContent = true): number {
    return this.node.fillStart(attempt, { totalBytes, sameContent }, this.nowMs);
  }

  /** A whole fill with the right digest. */
  deliver(path: string, totalBytes = 100_000): void {
    const { attempt } = this.lastFill(path);
    this.head(attempt, totalBytes, false);
    this.node.fillProgress(attempt, totalBytes, this.nowMs);
    this.node.fillEnd(attempt, { digestOk: true }, this.nowMs);
  }

  count(name: CountName): number {
    return this.node.state.counts[countIndex[name]]!;
  }
}

export function facts(of: {
  firstMsn: number;
  count: number;
  epoch?: number;
  ended?: boolean;
}): PlaylistFacts {
  const { firstMsn, count, epoch = 7, ended = false } = of;
  return {
    firstMsn,
    epochs: new Array<number>(count).fill(epoch),
    initNames: ["0123abcd"],
    lastDurationMs: 4_266,
    ended,
  };
}
