/** How a load test fares while it runs, for who watches it. */
import { gbpsWords } from "../report/load-words.ts";
import { counted, things } from "../report/number-format.ts";
import type { NightStats } from "./model-night.ts";
import { gbpsBetween, tierBetween } from "./node-sums.ts";
import type { RunTarget } from "./run-target.ts";
import type { Sample } from "./sampler.ts";
import type { WireSetup } from "./wire-setup.ts";

export interface LoadProgress {
  /** Measured: what edges send now, and viewers they see; by k6 for somebody else's target. */
  wire: { gbps: number; viewers: number } | undefined;
  viewerCount: number;
  /** Modelled; undefined before the first word of it, and where there is no model. */
  model: NightStats | undefined;
  /** The run on the wire is over, and as many viewers are modelled, counted from 1. */
  modelRun?: { number: number; of: number };
}

export function progressOf(
  samples: readonly Sample[],
  of: { target: RunTarget; setup: WireSetup; model: NightStats | undefined },
): LoadProgress {
  const { target, setup, model } = of;
  const [before, after] = [samples.at(-2), samples.at(-1)];
  const { viewerCount } = setup;
  if (before === undefined || after === undefined) return { wire: undefined, viewerCount, model };
  if (target.nodes.length === 0) {
    const { viewers: now } = after;
    if (now === undefined) return { wire: undefined, viewerCount, model };
    const bytes = now.receivedBytes - (before.viewers?.receivedBytes ?? now.receivedBytes);
    const gbps = gbpsBetween(bytes, { before, after });
    return { wire: { gbps, viewers: now.watching }, viewerCount, model };
  }
  const edge = tierBetween(target.nodes, "edge", { before, after });
  const gbps = gbpsBetween(edge.egressBytes, { before, after });
  return { wire: { gbps, viewers: edge.viewers }, viewerCount, model };
}

/** One line: "measured 0.420 Gbps, 980 of 1,000 viewers | modelled 121 Gbps, 250,000 viewers at 0:12:30". */
export function progressWords({ wire, viewerCount, model, modelRun }: LoadProgress): string {
  const viewers = things(viewerCount, "viewer");
  if (modelRun !== undefined) {
    return `computing model run ${modelRun.number} of ${modelRun.of}, ${viewers} ...`;
  }
  const measured =
    wire === undefined
      ? viewers
      : `measured ${gbpsWords(wire.gbps)}, ${counted(wire.viewers)} of ${viewers}`;
  if (model === undefined) return measured;
  return `${measured} | modelled ${gbpsWords(model.egressGbps)}, ${things(model.viewers, "viewer")} at ${Math.round(model.tSec)} s`;
}
