/** Arrivals of a driven night: the audience waits, and so many come in a window as are let in. */
import { randomWord } from "../base/prng.ts";
import { placesByEdge, ratioOf, stream } from "./audience.ts";
import type { World } from "./world.ts";

export class DrivenArrivals {
  readonly #world: World;
  /** Places in the world, in the audience's order of arrival. */
  readonly #places: Int32Array;
  /** Viewers of the audience let in so far, and those of them that are simulated. */
  #viewerCount = 0;
  #placeCount = 0;

  /** The audience must have been gathered. */
  constructor(world: World) {
    this.#world = world;
    const placeOf = placesByEdge(world.plan);
    this.#places = Int32Array.from(
      { length: world.plan.viewerCount },
      (_, order) => placeOf(order).index,
    );
  }

  /** The next `count` of the audience come within the window, each at an instant of its own. */
  join(count: number, window: number): void {
    const { plan, key, nextUs } = this.#world;
    this.#viewerCount += count;
    const audienceCount = plan.scenario.audience.viewerCount;
    const upTo = Math.floor((this.#viewerCount * plan.viewerCount) / audienceCount);
    for (; this.#placeCount < upTo; this.#placeCount++) {
      const i = this.#places[this.#placeCount]!;
      const ratio = ratioOf(randomWord(key[i]!, stream.arrival, 0));
      nextUs[i] = Math.floor((window + ratio) * plan.windowUs);
    }
  }
}
