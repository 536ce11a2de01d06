/** BOLA with one and the same planned buffer throughout, which never gives up a download. */
import type { ViewerLadder } from "../viewer-ladder.ts";
import type { Viewers } from "../viewers.ts";
import { bolaWithin } from "./bola.ts";

export function bolaBasic(viewers: Viewers, i: number, ladder: ViewerLadder): number {
  return bolaWithin(viewers, i, ladder, ladder.bufferMsTarget);
}
