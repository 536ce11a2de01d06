/**
 * Whether the viewers of this edge help each other, feed by feed: the origin may forbid it, and
 * whether it does must be known; then the mode decides, which is configured and may be set by a call
 * of the admin port; `auto` goes by what this edge sends. It says what holds and why, and tells the
 * room of every change.
 */
import { mbpsToBitsPerSec } from "../../src/base/units.ts";
import type { Config } from "../../src/config/schema.ts";
import type { FeedStatus } from "../../src/hls/status.ts";
import type { AdminHandler } from "../../src/node/admin-server.ts";
import type { Log } from "../../src/node/log.ts";
import { readSwarmMode, type SwarmMode } from "../../src/node/swarm-mode.ts";
import { AutoMode, type SwarmLoad } from "../../src/swarm/auto-mode.ts";
import { swarmOff, type SwarmPolicy } from "../../src/swarm/policy.ts";

export interface SwarmSwitchOptions {
  feeds: readonly string[];
  swarm: Config["swarm"];
  /** What the parents said last; undefined before that. */
  statusOf: (feed: number) => FeedStatus | undefined;
  /** How long ago that was known to be the origin's word. */
  statusAgeMs: (feed: number) => number;
  load: () => SwarmLoad;
  /** Is told that the policy of a feed is another one now. */
  changed: (feed: number) => void;
  nowMs: () => number;
  log: Log;
}

const callNote =
  "What is set here holds until this program ends; put swarm.mode into its configuration to keep it.";

/** A process that was stopped or starved so long does not know whether it was spoken to ... */
const stoodStillMs = 1_000;
/** ... before it has asked again, which takes `statusHoldMsMax` and a bit. */
const askAgainMs = 1_500;
/** How often `watch` is to be called: what it finds too late is told too late. */
export const watchMs = 100;
/**
 * Past it nobody knows whether the origin has forbidden it by now. With `watchMs` and the way to the
 * viewers it stays within the 5 s that the kill switch promises; it leaves 2 s of outage to a parent
 * that restarts, for a status is confirmed each second, and by two tiers each 2.2 s.
 */
export const unheardMsMax = 4_400;
/** How long the origin must have been heard again: cells that form and fall apart help nobody. */
export const heardMsMin = 10_000;

export class SwarmSwitch {
  readonly #options: SwarmSwitchOptions;
  readonly #auto: AutoMode;
  readonly #whileOn: SwarmPolicy;
  readonly #isOn: boolean[];
  /** Until when the feed is off because nobody was heard; it moves on while that lasts. */
  readonly #unheardUntilMs: number[];
  #watchedMs: number;
  /** What is not heard before then says nothing of the parents. */
  #deafUntilMs = -Infinity;
  /** Set by a call; null: as configured. */
  #called: SwarmMode | null = null;

  constructor(options: SwarmSwitchOptions) {
    const { uploadKbpsMax, seedCount, iceServers, autoOnMbps, autoOffMbps } = options.swarm;
    this.#options = options;
    this.#whileOn = { mode: "on", uploadKbpsMax, seedCount, iceServers };
    this.#auto = new AutoMode({
      onBitsPerSec: mbpsToBitsPerSec(autoOnMbps),
      offBitsPerSec: mbpsToBitsPerSec(autoOffMbps),
    });
    this.#isOn = options.feeds.map(() => false);
    this.#unheardUntilMs = options.feeds.map(() => -Infinity);
    this.#watchedMs = options.nowMs();
  }

  policyOf(feed: number): SwarmPolicy {
    return this.isOn(feed) ? this.#whileOn : swarmOff;
  }

  isOn(feed: number): boolean {
    return this.#isOn[feed] === true;
  }

  /** To be called once a second. */
  tick(): void {
    this.#auto.push(this.#options.load(), this.#options.nowMs());
    for (const feed of this.#isOn.keys()) this.look(feed);
  }

  /** Sees whether the origin is heard; to be called each `watchMs`. */
  watch(): void {
    const nowMs = this.#options.nowMs();
    if (nowMs - this.#watchedMs > stoodStillMs) this.#deafUntilMs = nowMs + askAgainMs;
    this.#watchedMs = nowMs;
    if (nowMs < this.#deafUntilMs) return;
    for (const feed of this.#isOn.keys()) {
      if (!this.#hasGoneUnheard(feed)) continue;
      this.#unheardUntilMs[feed] = nowMs + heardMsMin;
      if (this.#isOn[feed] === true) this.look(feed);
    }
  }

  /** Decides anew; to be called when the feed's status changed. */
  look(feed: number): void {
    const { isOn, reason } = this.#decide(feed);
    if (isOn === this.#isOn[feed]) return;
    this.#isOn[feed] = isOn;
    const { log, feeds, changed } = this.#options;
    log.info({ feed: feeds[feed], isOn, reason }, "the swarm was switched");
    changed(feed);
  }

  /** `/api/swarm`: GET says what holds and why, POST `{"mode"}` sets it for this edge alone. */
  call(): AdminHandler {
    return ({ method, body }) => {
      if (method === "POST") {
        this.#called = readSwarmMode(body);
        for (const feed of this.#isOn.keys()) this.look(feed);
      }
      return this.#says();
    };
  }

  #hasGoneUnheard(feed: number): boolean {
    const { statusOf, statusAgeMs } = this.#options;
    return statusOf(feed) !== undefined && statusAgeMs(feed) > unheardMsMax;
  }

  get #mode(): SwarmMode {
    return this.#called ?? this.#options.swarm.mode;
  }

  #decide(feed: number): { isOn: boolean; reason: string } {
    const status = this.#options.statusOf(feed);
    if (status === undefined) return { isOn: false, reason: "no parent has said what it does" };
    if (status.p2p === "off") return { isOn: false, reason: "the origin forbids it" };
    if (this.#options.nowMs() < this.#unheardUntilMs[feed]!) {
      return {
        isOn: false,
        reason: "no parent has said for long enough that the origin allows it",
      };
    }
    const setBy = this.#called === null ? "by configuration" : "by a call";
    if (this.#mode !== "auto") {
      return {
        isOn: this.#mode === "on",
        reason: `the mode of this edge is ${this.#mode} ${setBy}`,
      };
    }
    const { isOn } = this.#auto;
    const { autoOnMbps, autoOffMbps } = this.#options.swarm;
    const why = isOn
      ? `the load passed ${autoOnMbps} Mbps and has not fallen below ${autoOffMbps} since`
      : `the load has not passed ${autoOnMbps} Mbps`;
    return { isOn, reason: `auto ${setBy}: ${why}` };
  }

  #says() {
    const { feeds, swarm } = this.#options;
    return {
      mode: this.#mode,
      setBy: this.#called === null ? "configuration" : "call",
      feeds: feeds.map((name, feed) => {
        return { name, isOn: this.isOn(feed), reason: this.#decide(feed).reason };
      }),
      egressMbps: toMbps(this.#auto.egressBitsPerSec),
      demandMbps: toMbps(this.#auto.demandBitsPerSec),
      uploadKbpsMax: swarm.uploadKbpsMax,
      seedCount: swarm.seedCount,
      iceServers: swarm.iceServers.map(({ url }) => url),
      note: callNote,
    };
  }
}

function toMbps(bitsPerSec: number): number {
  return Math.round(bitsPerSec / 100_000) / 10;
}
