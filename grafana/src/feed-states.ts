/** How the states of a feed look on all boards. */
import { feedStates } from "../../src/hls/status.ts";
import type { MetricSpec } from "../../src/metrics/metric.ts";
import { stateNumber } from "./promql.ts";

const colors: Readonly<Record<(typeof feedStates)[number], string>> = {
  offline: "dark-red",
  starting: "blue",
  live: "green",
  waiting: "orange",
  slate: "purple",
  ended: "semi-dark-blue",
};

/** In the order in which `feedState` numbers them. */
export const feedStateLooks = feedStates.map((text) => ({ text, color: colors[text] }));

/** The state of each feed as its place among the states, from 1; 0 while it is not known. */
export function feedState(metric: MetricSpec, of: { by: string; where?: string }): string {
  return stateNumber(metric, feedStates, of);
}
