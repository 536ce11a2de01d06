/**
 * How many real viewers a run has, on what lines, and for how long: made of a scenario, and said both
 * to the generator and to the model that is held against it. Pure.
 */
import type { Scenario } from "../../src/config/schema-scenario.ts";
import { linkClassesOf, type LinkClass } from "../../src/sim/link-classes.ts";

export interface WireSetup {
  viewerCount: number;
  edgeCount: number;
  durationSec: number;
  /** Cumulative arrival curve in seconds of the run. */
  arrivals: Scenario["audience"]["arrivals"];
  /** Emulated lines; empty: none, viewers have all that the machine gives. */
  links: readonly LinkClass[];
  /** Round trip between viewer and edge; 0 where lines are not emulated. */
  rttMs: number;
  /** What the viewers of one edge share; null: not limited. */
  sharedEdgeKbps: number | null;
}

/** Share of a validation run in which its viewers arrive. Arbitrary. */
const validationArrivalRatio = 0.25;

/** The run of real viewers beside the modelled night: its arrival curve, and its length, but faster. */
export function probeSetup(scenario: Scenario): WireSetup {
  const { timeRatio, viewerCount } = scenario.wire;
  return {
    ...lineSetup(scenario, viewerCount),
    durationSec: scenario.durationSec / timeRatio,
    arrivals: stretched(scenario.audience.arrivals, 1 / timeRatio),
  };
}

/** A run of its own, with the arrival curve at its beginning. */
export function validationSetup(scenario: Scenario, viewerCount: number): WireSetup {
  const { validationSec } = scenario.wire;
  const lastSec = scenario.audience.arrivals.at(-1)!.atSec;
  const ratio = lastSec === 0 ? 1 : (validationArrivalRatio * validationSec) / lastSec;
  return {
    ...lineSetup(scenario, viewerCount),
    durationSec: validationSec,
    arrivals: stretched(scenario.audience.arrivals, Math.min(1, ratio)),
  };
}

function lineSetup(
  scenario: Scenario,
  viewerCount: number,
): Omit<WireSetup, "durationSec" | "arrivals"> {
  const { audience, topology, wire } = scenario;
  const { edges: edgeCount, linkClassCount, hasScaledEdges } = wire;
  const isEmulated = linkClassCount > 0;
  const isShared = isEmulated && hasScaledEdges;
  return {
    viewerCount,
    edgeCount,
    links: isEmulated ? linkClassesOf(scenario, linkClassCount) : [],
    rttMs: isEmulated ? audience.rttMs : 0,
    sharedEdgeKbps: isShared ? (topology.edgeKbpsPerViewer * viewerCount) / edgeCount : null,
  };
}

function stretched(
  arrivals: Scenario["audience"]["arrivals"],
  ratio: number,
): Scenario["audience"]["arrivals"] {
  return arrivals.map((point) => ({ atSec: point.atSec * ratio, ratio: point.ratio }));
}
