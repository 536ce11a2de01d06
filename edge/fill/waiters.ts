/**
 * Requests that are held, by the object they wait for. Waking takes all of one object at once; a
 * waiter is told in any case once its hold is over. The number is bounded; past it nobody is held.
 */
export interface Waiter {
  /** Called once: the object moved (`waited` false) or the hold is over (`waited` true). */
  resume(waited: boolean): void;
}

interface Held {
  /** Undefined once the waiter was told or went away. */
  waiter: Waiter | undefined;
  readonly object: number;
  readonly untilMs: number;
  /** Where it stands among those of its object; -1 while they are woken. */
  index: number;
}

/** What `hold` returns, to be given back to `release`. */
export type HeldWaiter = Held;

/** Ends of holds are checked in steps of this; arbitrary, well below what a person notices. */
const stepMs = 50;

export class Waiters {
  readonly #countMax: number;
  readonly #byObject = new Map<number, Held[]>();
  /** Held requests by the step their hold ends in. */
  readonly #byEnd = new Map<number, Held[]>();
  #step: number;
  #count = 0;

  constructor({ countMax, nowMs }: { countMax: number; nowMs: number }) {
    this.#countMax = countMax;
    this.#step = Math.floor(nowMs / stepMs);
  }

  get count(): number {
    return this.#count;
  }

  /** Undefined when as many are held as may be. */
  hold(object: number, waiter: Waiter, untilMs: number): HeldWaiter | undefined {
    if (this.#count >= this.#countMax) return undefined;
    const others = listIn(this.#byObject, object);
    const held: Held = { waiter, object, untilMs, index: others.length };
    others.push(held);
    listIn(this.#byEnd, Math.max(this.#step + 1, Math.ceil(untilMs / stepMs))).push(held);
    this.#count += 1;
    return held;
  }

  /** The waiter went away. */
  release(held: HeldWaiter): void {
    if (held.waiter === undefined) return;
    this.#forget(held);
    if (held.index === -1) return;
    const others = this.#byObject.get(held.object);
    const last = others?.pop();
    if (others === undefined || last === undefined) return;
    if (last !== held) {
      others[held.index] = last;
      last.index = held.index;
    }
    if (others.length === 0) this.#byObject.delete(held.object);
  }

  wake(object: number): void {
    const all = this.#byObject.get(object);
    if (all === undefined) return;
    this.#byObject.delete(object);
    for (const held of all) held.index = -1;
    for (const held of all) {
      const { waiter } = held;
      if (waiter === undefined) continue;
      this.#forget(held);
      waiter.resume(false);
    }
  }

  /** Ends the holds that have lasted long enough. */
  tick(nowMs: number): void {
    const present = Math.floor(nowMs / stepMs);
    while (this.#step < present) {
      this.#step += 1;
      const ending = this.#byEnd.get(this.#step);
      if (ending === undefined) continue;
      this.#byEnd.delete(this.#step);
      this.#endHolds(ending);
    }
  }

  /** Ends every hold now, as if its time were over: the program closes. */
  endAll(): void {
    for (const [step, ending] of this.#byEnd) {
      this.#byEnd.delete(step);
      this.#endHolds(ending);
    }
  }

  #endHolds(ending: readonly Held[]): void {
    for (const held of ending) {
      const { waiter } = held;
      if (waiter === undefined) continue;
      this.release(held);
      waiter.resume(true);
    }
  }

  #forget(held: Held): void {
    held.waiter = undefined;
    this.#count -= 1;
  }
}

function listIn(lists: Map<number, Held[]>, key: number): Held[] {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const made: Held[] = [];
  lists.set(key, made);
  return made;
}
