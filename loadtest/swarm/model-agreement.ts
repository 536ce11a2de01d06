/** What the simulator's model says of a crowd of Node viewers, to be compared with what they did. */
import { swarm as swarmSchema } from "../../src/config/schema-scenario-audience.ts";
import { peerShare } from "../../src/sim/swarm-model.ts";
import type { SwarmRunOptions } from "./swarm-run.ts";

/** Share of the crowd's segments, without start-ups, that the model has come from peers. */
export function modelledOffloadRatio(
  crowd: Omit<SwarmRunOptions, "seed">,
  /** From joining to the first connection, as the crowd measured it. */
  connectMs: number,
): number {
  const { viewerCount, unreachableRatio, takeOnlyRatio, uplinkKbps, replaceEveryMs } = crowd;
  // All figures are the scenarios' defaults, which are those of the swarm, but for the loopback's delay.
  const swarm = { ...swarmSchema.parse({}), rttMs: 0, natSuccessRatio: 1 - unreachableRatio };
  const share = peerShare(swarm, {
    count: Math.round(viewerCount * (1 - unreachableRatio)),
    giverRatio: 1 - takeOnlyRatio,
    uploadKbpsMean: uplinkKbps === null ? loopbackKbps : (uplinkKbps.min + uplinkKbps.max) / 2,
    rungKbps: crowd.kbps,
    segmentSec: crowd.segmentDurationMs / 1_000,
    latencyMs: crowd.latencyMs,
  });
  const stayMs = replaceEveryMs > 0 ? viewerCount * replaceEveryMs : Infinity;
  return (1 - unreachableRatio) * share * (1 - Math.min(1, connectMs / stayMs));
}

/** Of no line at all: about what one process passes to itself. */
const loopbackKbps = 100_000;
