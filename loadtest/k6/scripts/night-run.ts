/**
 * What the modelled part of a night is told, as JSON in the variable NIGHT. Types only. The arrival
 * curve is in seconds of the run: the scenario's divided by the time ratio.
 */

export interface NightRun {
  /** Base URL of the simulation server, and the run on it. */
  serverUrl: string;
  runId: string;
  viewerCount: number;
  joinBatchViewerCount: number;
  arrivals: readonly { atSec: number; ratio: number }[];
  durationSec: number;
  /** How often the referee reads the model's state. */
  refereeEverySec: number;
  /** k6 thresholds on the referee's metrics, by metric. */
  thresholds: Readonly<Record<string, readonly string[]>>;
}
