/** The newest MSN that an edge or shield lists never goes back, also after it was forgotten. */
import type { World } from "../world.ts";
import { Checker } from "./checker.ts";

export class CheckRelays extends Checker {
  #edges = new Float64Array(0);
  #shields = new Float64Array(0);

  begin(world: World): void {
    this.#edges = new Float64Array(world.newestMsn.length).fill(-1);
    this.#shields = new Float64Array(world.shieldNewestMsn.length).fill(-1);
  }

  afterTurn(world: World): void {
    this.#compare("edge", this.#edges, world.newestMsn);
    this.#compare("shield", this.#shields, world.shieldNewestMsn);
  }

  #compare(node: string, seen: Float64Array, newest: Float64Array): void {
    newest.forEach((msn, row) => {
      if (msn === -1) return;
      const before = seen[row]!;
      this.require(msn >= before, () => `${node} row ${row} went from ${before} back to ${msn}`);
      seen[row] = Math.max(msn, before);
    });
  }
}
