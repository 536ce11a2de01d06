/** What the parts of a relay that ask its parents are made with, from the configuration. */
import { randomInt } from "node:crypto";
import type { Config } from "../src/config/schema.ts";
import { targetDurationSec } from "../src/media/grid.ts";
import type { RelayOptions } from "../src/relay/options.ts";
import { ParentClient } from "./fill/parent-client.ts";

/** The window and two more behind it stay fetchable. */
const historyWindows = 3;

/** What the relay node keeps, how long it waits, and how much it does at once. */
export function relayOptions(config: Config): RelayOptions {
  return {
    feeds: config.feeds.map((feed) => feed.name),
    parentCount: config.parents.length,
    historyCount: historyWindows * config.window.segmentCount,
    targetDurationMs: targetDurationSec * 1_000,
    holdMsMax: config.follow.holdMsMax,
    firstByteTimeoutMs: config.follow.firstByteTimeoutMs,
    progressTimeoutMs: config.follow.progressTimeoutMs,
    idleMs: config.follow.idleMs,
    cacheBytesMax: config.cache.bytesMax,
    objectBytesMax: config.cache.objectBytesMax,
    fillCountMax: config.cache.fillCountMax,
    jitterSeed: randomInt(2 ** 32),
    followStatus: true,
  };
}

/** Connections to a parent: all fills, and a held reload for every playlist and status. */
export function parentClient(config: Config, url: string): ParentClient {
  const heldCount = config.feeds.length * 16;
  return new ParentClient({
    url,
    secret: config.tier.secret,
    connectTimeoutMs: config.follow.firstByteTimeoutMs,
    connectionCountMax: config.cache.fillCountMax + heldCount,
  });
}
