/**
 * Which code has run, from V8's block counters through the inspector. Kept as covered characters of
 * each script: V8 joins neighbouring blocks as it likes, so that ranges themselves are not stable.
 */
import { Session, type Profiler } from "node:inspector";

/** Characters of each script, by its URL. */
export type CoveredCharacters = Map<string, Set<number>>;

export class CodeCoverage {
  readonly #session = new Session();
  readonly #isWanted: (url: string) => boolean;
  readonly #covered = new Map<string, Uint8Array>();
  #coveredCount = 0;

  constructor(isWanted: (url: string) => boolean) {
    this.#isWanted = isWanted;
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** Characters of code that have run. */
  get coveredCount(): number {
    return this.#coveredCount;
  }

  /** What ran since the last time and never before; empty if nothing. */
  takeNew(): CoveredCharacters {
    const news: CoveredCharacters = new Map();
    for (const [url, ran] of this.#take()) {
      const covered = this.#coveredOf(url, ran.length);
      const fresh = new Set<number>();
      for (let i = 0; i < ran.length; i++) {
        if (ran[i] === 0 || covered[i] === 1) continue;
        covered[i] = 1;
        fresh.add(i);
      }
      this.#coveredCount += fresh.size;
      if (fresh.size > 0) news.set(url, fresh);
    }
    return news;
  }

  /** Removes from `wanted` what ran since the last time; whether any did. */
  takeFrom(wanted: CoveredCharacters): boolean {
    let any = false;
    for (const [url, ran] of this.#take()) {
      for (const at of wanted.get(url) ?? []) {
        if (ran[at] === 1) any = wanted.get(url)!.delete(at) || any;
      }
    }
    return any;
  }

  close(): void {
    this.#session.disconnect();
  }

  /** By script, 1 for each character that ran since the last time. */
  #take(): Map<string, Uint8Array> {
    const taken = new Map<string, Uint8Array>();
    // A session of the same thread answers before post returns.
    this.#session.post("Profiler.takePreciseCoverage", (error, answer) => {
      if (error !== null) throw error;
      for (const script of answer.result) {
        if (this.#isWanted(script.url)) taken.set(script.url, paint(script));
      }
    });
    return taken;
  }

  #coveredOf(url: string, length: number): Uint8Array {
    const covered = this.#covered.get(url);
    if (covered !== undefined && covered.length >= length) return covered;
    const grown = new Uint8Array(length);
    if (covered !== undefined) grown.set(covered);
    this.#covered.set(url, grown);
    return grown;
  }
}

function paint({ functions }: Profiler.ScriptCoverage): Uint8Array {
  const ends = functions.map((called) => called.ranges[0]?.endOffset ?? 0);
  const ran = new Uint8Array(Math.max(0, ...ends));
  // Outer ranges come before those within them.
  for (const { ranges } of functions) {
    for (const { startOffset, endOffset, count } of ranges) {
      ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
    }
  }
  return ran;
}
