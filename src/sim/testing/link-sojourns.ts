/** Drives a SharedLink with given arrivals, quantum by quantum, as an edge does. */
import { SharedLink } from "../shared-link.ts";
import type { Arrivals } from "./poisson-arrivals.ts";

export interface LinkRun {
  /** How long each body took, µs, by its number. */
  sojournUs: Float64Array;
  sentBits: number;
  /** The largest share of its capacity that the link used in a quantum. */
  usedRatioMax: number;
  /** Bodies under way, as a mean over the ends of quanta up to the last arrival. */
  countMean: number;
}

export function linkSojourns(
  { atUs, bits }: Arrivals,
  of: { capacityBitsPerUs: number; capBitsPerUs: number; quantumUs: number },
): LinkRun {
  const { capacityBitsPerUs, capBitsPerUs, quantumUs } = of;
  const link = new SharedLink();
  const sojournUs = new Float64Array(atUs.length);
  let next = 0;
  let sentBits = 0;
  let usedRatioMax = 0;
  let counted = 0;
  let quanta = 0;
  for (let startUs = 0; next < atUs.length || link.count > 0; startUs += quantumUs) {
    const endUs = startUs + quantumUs;
    for (; next < atUs.length && atUs[next]! < endUs; next++) {
      link.add(next, bits[next]!, capBitsPerUs, atUs[next]!, Infinity);
    }
    link.run(startUs, endUs, capacityBitsPerUs);
    sentBits += link.sentBits;
    usedRatioMax = Math.max(usedRatioMax, link.sentBits / (capacityBitsPerUs * quantumUs));
    for (let n = 0; n < link.endedCount; n++) {
      const j = link.ended[n]!;
      const body = link.owner[j]!;
      sojournUs[body] = link.endedUs[n]! - atUs[body]!;
      link.remove(j);
    }
    if (next < atUs.length) {
      counted += link.count;
      quanta++;
    }
  }
  return { sojournUs, sentBits, usedRatioMax, countMean: counted / quanta };
}
