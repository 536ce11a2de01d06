/** Who of a crowd is what: shares are met exactly, and which viewers they fall on goes by the seed. */
import { randomRatio } from "../../src/base/prng.ts";
import type { CrowdOptions } from "./crowd-options.ts";
import type { PeerFault } from "./faulty-connection.ts";

export interface ViewerTraits {
  /** Infinity: nothing limits it. */
  uplinkKbps: number;
  share: "take" | "both";
  fault: PeerFault | null;
}

const stream = { uplink: 1, unreachable: 2, takeOnly: 3, faulty: 4 } as const;

/** One entry a place in the crowd; whoever takes a place over is like whom it replaces. */
export function traitsOf(
  options: Pick<
    CrowdOptions,
    "viewerCount" | "uplinkKbps" | "unreachableRatio" | "takeOnlyRatio" | "faulty" | "seed"
  >,
): ViewerTraits[] {
  const { viewerCount, uplinkKbps, faulty, seed } = options;
  const places = Array.from({ length: viewerCount }, (_, place) => place);
  const shuffled = (of: number, among = places): number[] =>
    among
      .map((place) => ({ place, at: randomRatio({ seed, owner: place, stream: of }) }))
      .sort((one, other) => one.at - other.at)
      .map(({ place }) => place);
  const some = (of: number, ratio: number): Set<number> =>
    new Set(shuffled(of).slice(0, Math.round(ratio * viewerCount)));

  const unreachable = some(stream.unreachable, options.unreachableRatio);
  const takers = some(stream.takeOnly, options.takeOnlyRatio);
  const good = places.filter((place) => !unreachable.has(place) && !takers.has(place));
  const faults = new Set(shuffled(stream.faulty, good).slice(0, faulty?.count ?? 0));
  const kbps = new Map(
    shuffled(stream.uplink).map((place, rank) => [place, lineOf(rank, viewerCount, uplinkKbps)]),
  );
  return places.map((place) => ({
    uplinkKbps: kbps.get(place)!,
    share: takers.has(place) ? "take" : "both",
    fault: unreachable.has(place) ? "unreachable" : faults.has(place) ? faulty!.fault : null,
  }));
}

/** The line of the viewer of that rank: evenly spread between least and most. */
function lineOf(rank: number, count: number, lines: CrowdOptions["uplinkKbps"]): number {
  if (lines === null) return Infinity;
  return lines.min + ((rank + 0.5) / count) * (lines.max - lines.min);
}
