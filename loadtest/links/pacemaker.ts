/**
 * The clock of the emulator: fires what is due on the schedule, with one system timer for all
 * connections. Timers of Node have a millisecond, so that things go out up to a millisecond late
 * while the loop is idle; what follows is not, for it is counted from due instants.
 */
import { Schedule } from "./schedule.ts";

/** Shortest timer of Node, and the step of longer ones. */
const timerUs = 1_000;

export class Pacemaker {
  readonly schedule = new Schedule();
  #timer: NodeJS.Timeout | undefined;
  /** When the system timer fires, us; Infinity when it is not set. */
  #wakeUs = Infinity;

  /** Microseconds since the process began. */
  nowUs(): number {
    return performance.now() * 1_000;
  }

  /** To be called after things were put on the schedule. */
  arm(): void {
    // Not worth a new system timer: that could not fire sooner.
    if (this.schedule.nextUs + timerUs > this.#wakeUs) return;
    clearTimeout(this.#timer);
    this.#set();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#wakeUs = -Infinity;
  }

  #set(): void {
    const nowUs = this.nowUs();
    const waitMs = Math.max(1, Math.ceil((this.schedule.nextUs - nowUs) / timerUs));
    this.#wakeUs = nowUs + waitMs * timerUs;
    this.#timer = setTimeout(this.#wake, waitMs);
  }

  readonly #wake = (): void => {
    this.schedule.run(this.nowUs());
    this.#wakeUs = Infinity;
    if (this.schedule.nextUs < Infinity) this.#set();
  };
}
