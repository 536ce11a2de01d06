/**
 * One link shared evenly by bodies that all have the same limit, event by event and without quanta:
 * what SharedLink comes close to. A virtual clock counts the bits that each body under way has got;
 * a body is complete when the clock has gone on by its size.
 */
import type { Arrivals } from "./poisson-arrivals.ts";

/** How long each body took, µs, by its number. */
export function exactSojourns(
  { atUs, bits }: Arrivals,
  { capacityBitsPerUs, capBitsPerUs }: { capacityBitsPerUs: number; capBitsPerUs: number },
): Float64Array {
  const sojournUs = new Float64Array(atUs.length);
  const underWay = new Earliest();
  let clockBits = 0;
  let nowUs = 0;
  let next = 0;
  while (next < atUs.length || underWay.count > 0) {
    const rate = Math.min(capBitsPerUs, capacityBitsPerUs / Math.max(1, underWay.count));
    const arrivesUs = next < atUs.length ? atUs[next]! : Infinity;
    const endsUs = underWay.count > 0 ? nowUs + (underWay.key - clockBits) / rate : Infinity;
    if (endsUs <= arrivesUs) {
      clockBits = underWay.key;
      nowUs = endsUs;
      const ended = underWay.take();
      sojournUs[ended] = nowUs - atUs[ended]!;
    } else {
      clockBits += rate * (arrivesUs - nowUs);
      nowUs = arrivesUs;
      underWay.add(clockBits + bits[next]!, next);
      next++;
    }
  }
  return sojournUs;
}

/** A binary heap of bodies by the clock at which they are complete. */
class Earliest {
  readonly #keys: number[] = [];
  readonly #bodies: number[] = [];

  get count(): number {
    return this.#keys.length;
  }

  get key(): number {
    return this.#keys[0]!;
  }

  add(key: number, body: number): void {
    let at = this.#keys.push(key) - 1;
    this.#bodies.push(body);
    for (let up = (at - 1) >> 1; at > 0 && this.#keys[up]! > this.#keys[at]!; up = (at - 1) >> 1) {
      this.#swap(at, up);
      at = up;
    }
  }

  take(): number {
    this.#swap(0, this.#keys.length - 1);
    this.#keys.pop();
    const body = this.#bodies.pop()!;
    for (let at = 0; ;) {
      let least = at;
      for (const below of [2 * at + 1, 2 * at + 2]) {
        if (below < this.#keys.length && this.#keys[below]! < this.#keys[least]!) least = below;
      }
      if (least === at) return body;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(a: number, b: number): void {
    [this.#keys[a], this.#keys[b]] = [this.#keys[b]!, this.#keys[a]!];
    [this.#bodies[a], this.#bodies[b]] = [this.#bodies[b]!, this.#bodies[a]!];
  }
}
