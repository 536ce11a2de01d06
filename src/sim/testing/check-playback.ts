/** Within a session nothing goes back: what was played, the next segment, the end of the buffer. */
import type { World } from "../world.ts";
import { Checker } from "./checker.ts";

const columns = ["playedMs", "stalledMs", "nextMsn", "bufferEndMs", "segmentBytes"] as const;

export class CheckPlayback extends Checker {
  #seen = new Float64Array(0);
  #session = new Uint32Array(0);

  begin(world: World): void {
    this.#seen = new Float64Array(columns.length * world.plan.viewerCount);
    this.#session = new Uint32Array(world.plan.viewerCount);
  }

  afterEvent(world: World, i: number): void {
    const isSame = this.#session[i] === world.session[i];
    this.#session[i] = world.session[i]!;
    columns.forEach((column, n) => {
      const at = i * columns.length + n;
      const value = world.viewers[column][i]!;
      const before = this.#seen[at]!;
      // The end of the buffer is 0 while there is none, and less in media from before the night.
      const isFirst = column === "bufferEndMs" && before === 0;
      this.require(
        !isSame || isFirst || value >= before,
        () => `${column} of viewer ${i} fell from ${before} to ${value}`,
      );
      this.#seen[at] = value;
    });
    const bufferMs = world.viewers.bufferMs[i]!;
    this.require(bufferMs >= 0, () => `viewer ${i} has ${bufferMs} ms in the buffer`);
  }
}
