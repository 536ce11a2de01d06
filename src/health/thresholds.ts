/**
 * From where on the status page and the alerts call something wrong: one table for both. The rules
 * of Prometheus, which are text, are held against it by a test.
 */
export const thresholds = {
  /** Share of a core; a busier one has no room for a burst. No alert: EventLoopLate sees its harm. */
  cpuRatioMax: 0.85,
  /**
   * Lateness of one in a hundred turns of the event loop, which lasts for an alert: everybody's
   * first byte waits so long.
   */
  loopLagP99SecMax: 0.1,
  /**
   * Of the worst turn within seconds, which is all that nodes report to one another: higher than the
   * percentile, for a single collection of garbage takes 100 ms now and then and harms nobody.
   */
  loopLagWorstMsMax: 250,
  /** Of egress capacity: above it the next viewers cost those who are there. */
  capacityRatioMax: 0.85,
  /** Media time encoded per time passed, noise of the measurement aside. */
  encoderSpeedMin: 0.95,
  /** Of the cap, for the measured rate of a rung: a playlist's few segments stray by some per cent. */
  rungCapRatioMax: 1.1,
} as const;
