/**
 * What is to happen when: timers in a binary heap, fired in the order of their instants. It has no
 * clock; whoever has one calls `run`. Each timer is told when it was due, not when it fired, so that
 * what follows from it is counted from there and lateness never adds up.
 */

/** One thing that can be due; it is set again rather than made anew. */
export class Timer {
  /** Instant it is due, us; Infinity while it is not set. */
  atUs = Infinity;
  /** Place in the heap; -1 while it is not set. */
  place = -1;
  readonly fire: (dueUs: number) => void;

  constructor(fire: (dueUs: number) => void) {
    this.fire = fire;
  }
}

export class Schedule {
  readonly #heap: Timer[] = [];

  /** When the next timer is due, us; Infinity when none is set. */
  get nextUs(): number {
    return this.#heap[0]?.atUs ?? Infinity;
  }

  /** Timers that are set. */
  get size(): number {
    return this.#heap.length;
  }

  /** Sets the timer, or moves it where it is set. */
  set(timer: Timer, atUs: number): void {
    const wasUs = timer.atUs;
    timer.atUs = atUs;
    if (timer.place === -1) {
      timer.place = this.#heap.length;
      this.#heap.push(timer);
      this.#rise(timer);
    } else if (atUs < wasUs) this.#rise(timer);
    else this.#sink(timer);
  }

  /** Nothing happens when it is not set. */
  cancel(timer: Timer): void {
    const { place } = timer;
    if (place === -1) return;
    const last = this.#heap.pop()!;
    timer.place = -1;
    timer.atUs = Infinity;
    if (last === timer) return;
    this.#put(last, place);
    this.#rise(last);
    this.#sink(last);
  }

  /** Fires all that is due by `nowUs`, also what is set meanwhile. */
  run(nowUs: number): void {
    for (;;) {
      const timer = this.#heap[0];
      if (timer === undefined || timer.atUs > nowUs) return;
      const dueUs = timer.atUs;
      this.cancel(timer);
      timer.fire(dueUs);
    }
  }

  #put(timer: Timer, place: number): void {
    this.#heap[place] = timer;
    timer.place = place;
  }

  #rise(timer: Timer): void {
    let { place } = timer;
    while (place > 0) {
      const above = this.#heap[(place - 1) >> 1]!;
      if (above.atUs <= timer.atUs) break;
      const to = above.place;
      this.#put(above, place);
      place = to;
    }
    this.#put(timer, place);
  }

  #sink(timer: Timer): void {
    const heap = this.#heap;
    let { place } = timer;
    for (;;) {
      const left = heap[2 * place + 1];
      if (left === undefined) break;
      const right = heap[2 * place + 2];
      const sooner = right !== undefined && right.atUs < left.atUs ? right : left;
      if (sooner.atUs >= timer.atUs) break;
      const to = sooner.place;
      this.#put(sooner, place);
      place = to;
    }
    this.#put(timer, place);
  }
}
