/**
 * Whether viewers may pass segments on to each other at all: the origin's word, which goes down the
 * tiers in every feed's status. `off` is the kill switch; `on` and `auto` both leave it to the edges.
 * A call's `off` is kept in the state folder until a call takes it back: a crash must not undo it.
 * A call's `on` is not: what comes back by itself is the configuration, or off.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../src/base/clock.ts";
import type { Config } from "../src/config/schema.ts";
import type { FeedStatus } from "../src/hls/status.ts";
import type { AdminHandler } from "../src/node/admin-server.ts";
import { removeDurably, writeDurably } from "../src/node/durable-file.ts";
import type { Log } from "../src/node/log.ts";
import { readSwarmMode, type SwarmMode } from "../src/node/swarm-mode.ts";

interface PermittedFeed {
  setP2p(p2p: FeedStatus["p2p"]): void;
}

export interface SwarmPermissionOptions {
  config: Config;
  feeds: readonly PermittedFeed[];
  clock: Clock;
  log: Log;
}

/** In the state folder while the swarm is switched off by a call. */
export const swarmOffFile = "swarm-off.json";

/** What the feeds' status says in this mode. */
export function p2pOf(mode: SwarmMode): FeedStatus["p2p"] {
  return mode === "off" ? "off" : "on";
}

export class SwarmPermission {
  readonly #options: SwarmPermissionOptions;
  readonly #path: string;
  /** Set by a call; null: as configured. */
  #called: SwarmMode | null = null;
  /** When that was, where it is known. */
  #calledAtUnixMs: number | undefined;
  /** Why the state folder does not have what was called, if so. */
  #problem: string | undefined;

  constructor(options: SwarmPermissionOptions) {
    this.#options = options;
    this.#path = join(options.config.stateDir, swarmOffFile);
    const kept = readIfPresent(this.#path);
    if (kept === undefined) return;
    this.#called = "off";
    this.#calledAtUnixMs = sinceOf(kept);
    this.#apply();
    options.log.warn(
      { mode: "off", since: this.#since() },
      "the swarm is off by a call to an earlier run: POST /api/swarm allows it again",
    );
  }

  /** `/api/swarm`: GET says what holds and why, POST `{"mode"}` sets it for all feeds. */
  call(): AdminHandler {
    return ({ method, body }) => {
      if (method === "POST") this.#set(readSwarmMode(body));
      return this.#says();
    };
  }

  get #mode(): SwarmMode {
    return this.#called ?? this.#options.config.swarm.mode;
  }

  #set(called: SwarmMode | null): void {
    const { clock, log } = this.#options;
    this.#called = called;
    this.#calledAtUnixMs = called === null ? undefined : Math.floor(clock.unixMs());
    // Before the disk is asked: it may be full.
    this.#apply();
    this.#problem = this.#keep();
    const fields = { mode: this.#mode, byCall: called !== null };
    log.warn(fields, "the swarm's permission was set by a call");
    if (this.#problem === undefined) return;
    log.error({ ...fields, problem: this.#problem }, "a restart would not know of that call");
  }

  #apply(): void {
    for (const feed of this.#options.feeds) feed.setP2p(p2pOf(this.#mode));
  }

  /** Brings the file in line with the call; why that could not be done, or undefined. */
  #keep(): string | undefined {
    try {
      if (this.#called !== "off") removeDurably(this.#path);
      else writeDurably(this.#path, `${JSON.stringify({ sinceUnixMs: this.#calledAtUnixMs })}\n`);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #since(): string | null {
    return this.#calledAtUnixMs === undefined ? null : new Date(this.#calledAtUnixMs).toISOString();
  }

  #says() {
    const mode = this.#mode;
    return {
      mode,
      setBy: this.#called === null ? "configuration" : "call",
      since: this.#since(),
      p2p: p2pOf(mode),
      reason:
        mode === "off"
          ? "forbidden here: no edge lets its viewers pass segments on"
          : "allowed here: each edge goes by its own swarm.mode",
      note: this.#note(),
    };
  }

  #note(): string {
    if (this.#problem !== undefined) {
      return `${swarmOffFile} could not be brought in line, a restart would not know of this call: ${this.#problem}`;
    }
    if (this.#called === "off") return "Kept over restarts, until a call says on, auto or null.";
    return "What is set here holds until this program ends; off alone is kept over restarts.";
  }
}

/** Whatever the file holds, it is there because somebody said off. */
function sinceOf(text: string): number | undefined {
  const found = /"sinceUnixMs":(\d{1,15})\b/.exec(text);
  return found === null ? undefined : Number(found[1]);
}

/** Also when it is there and cannot be read, which is off as well. */
function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : "";
  }
}
