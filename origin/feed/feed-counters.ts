/**
 * The counters of a feed that outlive the program, in `feed-{name}.json` of the state folder, so that
 * no segment's name is ever used twice and no number goes back (a relay or a player that saw one
 * go back fails). MSNs are reserved in blocks before they are used, the first one before the program
 * starts: after a crash the next run begins at the end of the block. Without the file, numbers begin
 * at the clock, past all earlier.
 */
import { mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Clock } from "../../src/base/clock.ts";
import { AppError } from "../../src/base/errors.ts";
import { writeDurably } from "../../src/node/durable-file.ts";
import type { Log } from "../../src/node/log.ts";

/** MSNs that one write of the file reserves: over an hour of segments. */
const msnBlockCount = 1_000;

/** Numbers that begin at the clock need one that is set: 2025-01-01. */
const unixMsMin = 1_735_689_600_000;

const count = z.int().min(0).max(999_999_999_999_999);
const fileSchema = z.strictObject({
  /** The last epoch that was begun. */
  epoch: count,
  /** No MSN from here on has been used. */
  msn: count,
  /** The discontinuity number of that epoch's segments, or more. */
  discontinuitySequence: count,
});
export type SavedCounters = z.output<typeof fileSchema>;

export class FeedCounters {
  readonly #write: (saved: SavedCounters) => void;
  readonly #onWriteError: (error: unknown) => void;
  #saved: SavedCounters;
  #nextMsn: number;
  /** The last write failed. */
  #isUnsaved = false;
  /** Whether an earlier run's numbers were found. */
  readonly continued: boolean;

  constructor(options: {
    saved: SavedCounters;
    /** Where a block begins that `saved` has reserved already; absent when it has none. */
    nextMsn?: number;
    continued: boolean;
    /** Keeps them for good, or throws. */
    write: (saved: SavedCounters) => void;
    onWriteError: (error: unknown) => void;
  }) {
    this.#saved = options.saved;
    this.#nextMsn = options.nextMsn ?? options.saved.msn;
    this.continued = options.continued;
    this.#write = options.write;
    this.#onWriteError = options.onWriteError;
  }

  /** The last epoch begun, by this run or an earlier one. */
  get epoch(): number {
    return this.#saved.epoch;
  }

  get discontinuitySequence(): number {
    return this.#saved.discontinuitySequence;
  }

  /** Begins an epoch whose segments will have this discontinuity number; returns its number. */
  beginEpoch(discontinuityNumber: number): number {
    const discontinuitySequence = Math.max(this.#saved.discontinuitySequence, discontinuityNumber);
    this.#save({ ...this.#reserved(), epoch: this.#saved.epoch + 1, discontinuitySequence });
    return this.#saved.epoch;
  }

  /** The next MSN; each call gives another. */
  takeMsn(): number {
    if (this.#nextMsn >= this.#saved.msn || this.#isUnsaved) this.#save(this.#reserved());
    const msn = this.#nextMsn;
    this.#nextMsn += 1;
    return msn;
  }

  /** Gives back the MSNs that were reserved and not used. */
  close(): void {
    this.#save({ ...this.#saved, msn: this.#nextMsn });
  }

  #reserved(): SavedCounters {
    const left = this.#saved.msn - this.#nextMsn;
    if (left >= msnBlockCount / 2) return this.#saved;
    return { ...this.#saved, msn: this.#nextMsn + msnBlockCount };
  }

  /**
   * A full disk must not end a broadcast: the numbers go on in memory, each MSN tries to write them
   * again, and only a crash after the block on disk is used up could use one twice.
   */
  #save(saved: SavedCounters): void {
    this.#saved = saved;
    try {
      this.#write(saved);
      this.#isUnsaved = false;
    } catch (error) {
      this.#isUnsaved = true;
      this.#onWriteError(error);
    }
  }
}

/** Reads or begins the counters of a feed, and proves that the file can be written. */
export function openFeedCounters(options: {
  stateDir: string;
  feed: string;
  clock: Clock;
  log: Log;
  onWriteError: (error: unknown) => void;
}): FeedCounters {
  const { stateDir, feed, clock, log, onWriteError } = options;
  const path = join(stateDir, `feed-${feed}.json`);
  const found = readSaved(path, log);
  const { msn: nextMsn, ...others } = found ?? numbersFromClock(clock.unixMs(), path);
  const saved = { ...others, msn: nextMsn + msnBlockCount };
  const write = (now: SavedCounters): void => writeDurably(path, `${JSON.stringify(now)}\n`);
  try {
    mkdirSync(stateDir, { recursive: true });
    write(saved);
  } catch (error) {
    throw new AppError("STATE_UNUSABLE", `cannot write ${path}: ${messageOf(error)}`, error);
  }
  return new FeedCounters({ saved, nextMsn, continued: found !== undefined, write, onWriteError });
}

function readSaved(path: string, log: Log): SavedCounters | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new AppError("STATE_UNUSABLE", `cannot read ${path}: ${messageOf(error)}`, error);
  }
  const parsed = fileSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  // As good as a lost file, because the clock is past all numbers used; kept for whoever looks.
  const aside = `${path}.corrupt`;
  renameSync(path, aside);
  log.error(
    { problems: parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`) },
    `${path} is no state of a feed: moved to ${aside}; numbers begin at the clock`,
  );
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: undefined fails the schema, which says what was expected.
    return undefined;
  }
}

/**
 * Epoch and MSN begin at Unix seconds: epochs are at least a second apart and segments lie further
 * apart on average, so no earlier run got there. The discontinuity number begins at Unix days, as
 * hls.js 1.7 walks an array of that length at every playlist. That holds only for a feed that has had
 * less than one epoch a day: after more, a lost file lets that number go back, and players that are
 * open then may have to be reloaded; names are never used twice all the same.
 */
function numbersFromClock(unixMs: number, path: string): SavedCounters {
  if (unixMs < unixMsMin) {
    throw new AppError(
      "STATE_UNUSABLE",
      `${path} does not exist and the clock says ${new Date(unixMs).toISOString()}: set the clock, ` +
        "new numbers begin there",
    );
  }
  const unixSec = Math.floor(unixMs / 1000);
  return {
    epoch: unixSec,
    msn: unixSec,
    discontinuitySequence: Math.floor(unixSec / 86_400),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
