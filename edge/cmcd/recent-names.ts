/**
 * The session names that media requests bore of late. Two generations: a name is remembered for one
 * to two spans, or until so many newer ones came that there was no room; who goes on watching is
 * named again within seconds. Pure.
 */
import { ownText } from "./query-scan.ts";

export class RecentNames {
  readonly #spanMs: number;
  readonly #countMax: number;
  #new = new Set<string>();
  #old = new Set<string>();
  #sinceMs = 0;

  /** Holds `countMax` names at most. */
  constructor({ spanMs, countMax }: { spanMs: number; countMax: number }) {
    this.#spanMs = spanMs;
    this.#countMax = countMax;
  }

  note(name: string, nowMs: number): void {
    this.#age(nowMs);
    if (this.#new.has(name)) return;
    if (this.#new.size >= this.#countMax / 2) this.#turn(nowMs);
    this.#new.add(ownText(name));
  }

  has(name: string, nowMs: number): boolean {
    this.#age(nowMs);
    return this.#new.has(name) || this.#old.has(name);
  }

  #age(nowMs: number): void {
    const ageMs = nowMs - this.#sinceMs;
    if (ageMs < this.#spanMs) return;
    if (ageMs >= 2 * this.#spanMs) this.#new = new Set();
    this.#turn(nowMs);
  }

  #turn(nowMs: number): void {
    this.#old = this.#new;
    this.#new = new Set();
    this.#sinceMs = nowMs;
  }
}
