/**
 * Which stream key may publish which feed. The configuration holds SHA-256 hashes only; a feed
 * without any gets a key of its own, generated once into the state folder.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../src/base/errors.ts";
import type { Config } from "../../src/config/schema.ts";

export interface KeyGrant {
  feed: string;
  /** May publish only while nobody else does. */
  standby: boolean;
}

interface KnownKey {
  hash: Uint8Array;
  grant: KeyGrant;
}

/** What the configuration holds of a key: `sha256:` and 64 hexadecimal digits. */
export function hashStreamKey(streamKey: string): string {
  return `sha256:${sha256(streamKey).toString("hex")}`;
}

/** A new key: 144 random bits in characters that need no escaping in a URL. */
export function generateStreamKey(): string {
  return randomBytes(18).toString("base64url");
}

/** Where a feed's generated key is. */
export function streamKeyPath(stateDir: string, feed: string): string {
  return join(stateDir, `stream-key-${feed}`);
}

export class StreamKeys {
  readonly #known: readonly KnownKey[];

  constructor(known: readonly KnownKey[]) {
    this.#known = known;
  }

  /** What the key allows. Compares with every known key, so that the time taken tells nothing. */
  find(streamKey: string): KeyGrant | undefined {
    const hash = sha256(streamKey);
    let found: KeyGrant | undefined;
    for (const known of this.#known) {
      if (timingSafeEqual(known.hash, hash)) found ??= known.grant;
    }
    return found;
  }
}

/** The keys of all feeds; generates missing ones. Throws STATE_UNUSABLE. */
export function loadStreamKeys(config: Pick<Config, "feeds" | "stateDir">): StreamKeys {
  const known = config.feeds.flatMap((feed): KnownKey[] => {
    const hashes =
      feed.keyHashes.length > 0
        ? feed.keyHashes
        : [hashStreamKey(ownStreamKey(config.stateDir, feed.name))];
    return [
      ...hashes.map((hash) => ({ hash, standby: false })),
      ...feed.standbyKeyHashes.map((hash) => ({ hash, standby: true })),
    ].map(({ hash, standby }) => ({
      hash: Buffer.from(hash.slice("sha256:".length), "hex"),
      grant: { feed: feed.name, standby },
    }));
  });
  return new StreamKeys(known);
}

/** The feed's key in the state folder, generated if there is none yet. */
function ownStreamKey(stateDir: string, feed: string): string {
  const path = streamKeyPath(stateDir, feed);
  try {
    mkdirSync(stateDir, { recursive: true });
    const generated = generateStreamKey();
    // "wx" fails on an existing file, which is then the key.
    writeFileSync(path, `${generated}\n`, { mode: 0o600, flag: "wx" });
    return generated;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw unusable(path, error);
  }
  const existing = readExisting(path);
  if (existing === "") {
    throw unusable(path, new Error("it is empty; delete it to have a new key made"));
  }
  return existing;
}

function readExisting(path: string): string {
  try {
    // Who put it there, or restored it from a backup, may have left it readable to others.
    chmodSync(path, 0o600);
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    throw unusable(path, error);
  }
}

function unusable(path: string, error: unknown): AppError {
  const message = error instanceof Error ? error.message : String(error);
  return new AppError("STATE_UNUSABLE", `the stream key file ${path}: ${message}`, error);
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
