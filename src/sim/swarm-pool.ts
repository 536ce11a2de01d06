/**
 * Viewers who help each other, as a pool an edge and rung: from who asked for what in one window
 * follows the share that they have from each other in the next (swarm-model.ts). No peer is modelled
 * by itself.
 */
import { randomWord } from "../base/prng.ts";
import { ratioOf, stream } from "./audience.ts";
import type { Shard } from "./shard.ts";
import { peerShare } from "./swarm-model.ts";
import { peerRole } from "./world.ts";

/** Whether viewer i, who could wait, gets this segment from a peer; its demand counts either way. */
export function asksPeer(s: Shard, i: number, row: number, msn: number, bits: number): boolean {
  const { world, plan } = s;
  const { viewers } = world;
  const role = world.peerRole[i]!;
  if (role === peerRole.none) return false;
  const { urgentMs, connectMs } = plan.scenario.swarm;
  // Newcomers are not connected yet.
  if (world.bodyAskedUs[i]! < 1_000 * (viewers.joinedMs[i]! + connectMs)) return false;
  world.peerCount[row]! += 1;
  if (role === peerRole.gives) world.peerGiverCount[row]! += 1;
  world.peerUploadKbps[row]! += world.uploadKbps[i]!;
  world.peerDemandBits[row]! += bits;
  if (viewers.bufferMs[i]! <= urgentMs) return false;
  return ratioOf(randomWord(world.key[i]!, stream.peer, msn)) < world.peerRatio[row]!;
}

/** From what peers asked for in the last window, the share they give each other in the next one. */
export function settleSwarms(s: Shard, e: number): void {
  const { world, plan, rungCount } = s;
  const windowSec = plan.windowUs / 1e6;
  for (let row = e * rungCount; row < (e + 1) * rungCount; row++) {
    const count = world.peerCount[row]!;
    const giverCount = world.peerGiverCount[row]!;
    world.peerRatio[row] =
      giverCount === 0
        ? 0
        : peerShare(plan.scenario.swarm, {
            count,
            giverRatio: giverCount / count,
            uploadKbpsMean: world.peerUploadKbps[row]! / giverCount,
            rungKbps: world.peerDemandBits[row]! / count / windowSec / 1_000,
            segmentSec: windowSec,
            latencyMs: s.holdBackMs,
          });
    world.peerCount[row] = 0;
    world.peerGiverCount[row] = 0;
    world.peerUploadKbps[row] = 0;
    world.peerDemandBits[row] = 0;
  }
}
