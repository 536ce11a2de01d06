/**
 * Pauses before retries: twice as long each time, and spread, so that the nodes that lost a parent
 * at one moment do not all come back at one moment.
 */
import { randomRatio } from "../base/prng.ts";
import type { NodeState } from "./node-state.ts";

const stream = 1;

/** The pause after so many failures in a row: between half of the doubled pause and all of it. */
export function retryPauseMs(
  node: NodeState,
  of: { object: number; failures: number; msMin: number; msMax: number },
): number {
  node.pauseCount += 1;
  const fullMs = Math.min(of.msMax, of.msMin * 2 ** (of.failures - 1));
  const { jitterSeed } = node.options;
  const ratio = randomRatio({ seed: jitterSeed, owner: of.object, stream, n: node.pauseCount });
  return fullMs * (1 - ratio / 2);
}
