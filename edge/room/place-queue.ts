/**
 * Who is to come to a cell, first come first served, and how many may a second. Each who comes makes
 * calls and has others answer, and all of them want to at once: when a swarm is switched on, which
 * `auto` does when the edge has the least to spare, or when everybody comes again. Pure.
 */
import { refill, takeOne, type BudgetLeft } from "../../src/base/rate-budget.ts";

export interface PlaceQueueOptions<Viewer> {
  perSecMax: number;
  /** Whether those placed before make as much work as there may be. */
  isHeld: (nowMs: number) => boolean;
  place: (viewer: Viewer, nowMs: number) => void;
}

/** Turns of `tick` in which a second's worth is placed: each blocks the edge for that part of it. */
const turnsPerSec = 10;

export class PlaceQueue<Viewer> {
  readonly #options: PlaceQueueOptions<Viewer>;
  readonly #waiting = new Set<Viewer>();
  readonly #left: BudgetLeft;

  constructor(options: PlaceQueueOptions<Viewer>) {
    this.#options = options;
    this.#left = { left: options.perSecMax, sinceMs: 0 };
  }

  get length(): number {
    return this.#waiting.size;
  }

  has(viewer: Viewer): boolean {
    return this.#waiting.has(viewer);
  }

  /** Places the viewer at once if nobody waits and there is time for it; otherwise it waits. */
  add(viewer: Viewer, nowMs: number): void {
    if (this.#waiting.size === 0 && this.#mayPlace(nowMs)) this.#options.place(viewer, nowMs);
    else this.#waiting.add(viewer);
  }

  /** The viewer waits, for it is one of many. */
  addLast(viewer: Viewer): void {
    this.#waiting.add(viewer);
  }

  delete(viewer: Viewer): void {
    this.#waiting.delete(viewer);
  }

  /** To be called about 20 times a second. */
  tick(nowMs: number): void {
    let left = Math.ceil(this.#options.perSecMax / turnsPerSec);
    for (const viewer of this.#waiting) {
      if (left === 0 || !this.#mayPlace(nowMs)) return;
      left -= 1;
      this.#waiting.delete(viewer);
      this.#options.place(viewer, nowMs);
    }
  }

  #mayPlace(nowMs: number): boolean {
    const { perSecMax, isHeld } = this.#options;
    const budget = { perSec: perSecMax, burst: perSecMax };
    if (refill(this.#left, budget, nowMs) < 1 || isHeld(nowMs)) return false;
    return takeOne(this.#left, budget, nowMs);
  }
}
