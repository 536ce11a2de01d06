/**
 * The paths of an audience sorted into a few classes, for a load test that emulates one rate each. The
 * slowest class is the smallest and each faster one is larger by as much again: what stalls is in
 * the slow tail, while paths above the top rung all do the same.
 */
import { exp } from "../base/float.ts";
import type { Scenario } from "../config/schema-scenario.ts";
import { pathLogKbps, spread } from "./audience.ts";

export interface LinkClass {
  /** Share of the audience. */
  ratio: number;
  /** Median rate of its paths: the geometric mean over them. */
  kbps: number;
}

/** Paths that the distribution is looked at by; arbitrary, and twice as many change no class by 1 %. */
const sampleCount = 20_000;

/**
 * The scenario's paths in `count` classes, slowest first; the ratios sum to 1. Where the scenario
 * names classes itself, these, whatever the count.
 */
export function linkClassesOf({ audience }: Scenario, count: number): LinkClass[] {
  if (audience.links.length > 0) return audience.links.map(({ ratio, kbps }) => ({ ratio, kbps }));
  const paths = pathsOf(audience);
  const shares = (count * (count + 1)) / 2;
  const classes: LinkClass[] = [];
  let next = 0;
  let left = paths[0]!.ratio;
  for (let n = 1; n <= count; n++) {
    const ratio = n / shares;
    let logSum = 0;
    let missing = ratio;
    while (missing > 0) {
      const part = Math.min(missing, left);
      logSum += part * paths[next]!.logKbps;
      missing -= part;
      left -= part;
      if (left > 0) continue;
      // Sums of many shares are not 1 to the last bit.
      if (next === paths.length - 1) break;
      left = paths[++next]!.ratio;
    }
    classes.push({ ratio, kbps: exp(logSum / (ratio - missing)) });
  }
  return classes;
}

interface Path {
  ratio: number;
  logKbps: number;
}

/** Points of the distribution, rising: as the simulator draws them, without its seed. */
function pathsOf(audience: Scenario["audience"]): Path[] {
  const { marginalRatio } = audience;
  const paths: Path[] = [];
  for (let n = 0; n < sampleCount; n++) {
    const at = spread(n);
    if (marginalRatio < 1) {
      const logKbps = pathLogKbps(audience, { ...at, marginal: 1 });
      paths.push({ ratio: (1 - marginalRatio) / sampleCount, logKbps });
    }
    if (marginalRatio > 0) {
      const logKbps = pathLogKbps(audience, { ...at, marginal: 0 });
      paths.push({ ratio: marginalRatio / sampleCount, logKbps });
    }
  }
  return paths.sort((a, b) => a.logKbps - b.logKbps);
}
