/** `window.fullhouse`: what tests and a curious operator may read of the player, and only read. */

import type { SwarmStats } from "../../../../src/swarm/client-ports.ts";
import type { SwarmObstacle } from "../sharing/swarm-view.ts";

export interface Diagnostics {
  readonly state: string;
  readonly reason: string;
  readonly latencySec: number | null;
  readonly behindSec: number | null;
  readonly stalls: number;
  readonly rung: string | null;
  readonly rungs: readonly string[];
  readonly firstFrameMs: number | null;
  readonly positionSec: number;
  readonly room: "open" | "closed";
  /** hls.js's estimate of the edge's line. */
  readonly bandwidthBitsPerSec: number | null;
  /** State "off" and zeros where viewers do not share. */
  readonly swarm: SwarmStats;
  readonly swarmObstacle: SwarmObstacle;
}
