/** The port through which code learns the time; tests and the simulator give a virtual one. */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start; for deadlines, ages and freshness. */
  nowMs(): number;
  /** Milliseconds since 1970 by the wall clock; only for dates that leave the program. */
  unixMs(): number;
}
