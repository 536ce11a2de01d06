/** The picture of a night under way, window by window, in the units and by the rules of its report. */
import type { ModelReport } from "../config/schema-model-report.ts";
import { ratio, rounded, timelineRowOf, totalOf, type NightResult } from "./model-report.ts";
import { sum } from "./world.ts";

/**
 * One window of the timeline, and what the night has come to: means over the plateau so far, before
 * it over all that has run.
 */
export interface NightState {
  row: ModelReport["timeline"][number];
  egressGbpsMean: number;
  egressGbpsPeak: number;
  stallRatio: number;
  startFailureRatio: number;
  /**
   * Payload that edges have sent, and fetched, since the night began: the sum of its windows. Segments
   * under way are in it as far as they have come.
   */
  egressBytes: number;
  fillBytes: number;
  /** Segments asked for so far. */
  steps: number;
}

export class NightStates {
  readonly #night: NightResult;
  #peakGbps = 0;
  #egressBits = 0;

  constructor(night: NightResult) {
    this.#night = night;
  }

  /** The state at the end of the window, the newest there is; each is asked for once. */
  at(window: number): NightState {
    const { log, world, plan } = this.#night;
    const row = timelineRowOf(this.#night, log.rows[window]!, window);
    this.#egressBits += log.rows[window]!.egressBits;
    this.#peakGbps = Math.max(this.#peakGbps, row.egressGbps);
    const { start, end } = log.plateauSoFar();
    const stalledMs = end.stalledMs - (start?.stalledMs ?? 0);
    const playedMs = end.playedMs - (start?.playedMs ?? 0);
    const rows = log.plateauRows;
    const bits = rows.reduce((total, { egressBits }) => total + egressBits, 0);
    const weight = plan.scenario.audience.sampleWeight;
    return {
      row,
      egressGbpsMean: rounded(ratio(weight * bits, rows.length * plan.windowUs * 1_000)),
      egressGbpsPeak: this.#peakGbps,
      stallRatio: rounded(ratio(stalledMs, stalledMs + playedMs)),
      startFailureRatio: rounded(
        ratio(totalOf(world, sum.failedSessions), totalOf(world, sum.sessions)),
      ),
      egressBytes: Math.round((weight * this.#egressBits) / 8),
      fillBytes: totalOf(world, sum.fillBytes),
      steps: log.steps,
    };
  }
}
