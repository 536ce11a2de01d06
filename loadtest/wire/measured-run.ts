/** One run of real viewers as it was seen: by k6 at its end, and by the samples while it ran. */
import type { K6Figures } from "./k6-figures.ts";
import type { Sample, WatchedNode } from "./sampler.ts";
import type { WireSetup } from "./wire-setup.ts";

export interface MeasuredRun {
  setup: WireSetup;
  figures: K6Figures;
  /** k6's exit code; 0 or 99. */
  code: number;
  samples: readonly Sample[];
  nodes: readonly WatchedNode[];
  /** Names of the processes that were watched, the generator among them. */
  processes: readonly string[];
  /** The run's first instant, on the clock of the samples. */
  startMs: number;
  startedUnixMs: number;
  /** Programs of nodes that ended and were started again. */
  restarts: readonly { node: string; atMs: number }[];
  /** How late emulated lines were, in 99 of 100 pieces; 0 where there are none. */
  linesLateMsP99: number;
  /** Cores that the generator may use. */
  cores: number;
}

/** What the generator and the modelled night are called among the processes. */
export const generatorName = "k6";
export const modelName = "model";

/** Everybody who arrives has started by then: after the last arrival. Arbitrary. */
const settleSec = 10;
/** Not within this of the end, when viewers begin to leave. */
const tailSec = 1;

/**
 * The time between everybody's arrival and the end, over which means are taken: of a run that is too
 * short for that, its last half.
 */
export function steadySpan({ durationSec, arrivals }: WireSetup): {
  fromSec: number;
  toSec: number;
} {
  const settledSec = arrivals.at(-1)!.atSec + settleSec;
  const isLong = settledSec < durationSec - 2 * tailSec;
  return { fromSec: isLong ? settledSec : durationSec / 2, toSec: durationSec - tailSec };
}

/** The samples of that time. */
export function steadySamples({ samples, startMs, setup }: MeasuredRun): readonly Sample[] {
  const { fromSec, toSec } = steadySpan(setup);
  const [fromMs, toMs] = [startMs + 1_000 * fromSec, startMs + 1_000 * toSec];
  const within = samples.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  return within.length >= 2 ? within : samples.slice(-2);
}
