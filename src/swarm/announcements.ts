/** What the room has announced lately, and whom that makes a neighbour's word count for. */
import type { Neighbour, Neighbours } from "./neighbours.ts";
import { segmentBytesMax } from "./peer-message.ts";
import { schedulerParameters as parameters } from "./scheduler-parameters.ts";
import { isAfter, segmentKey, type SegmentFacts, type SegmentId } from "./segment.ts";

export class Announcements {
  readonly #neighbours: Neighbours;
  /** Oldest first. */
  readonly #facts = new Map<string, SegmentFacts>();
  /** Those that nobody was told to fetch. */
  readonly #seedless = new Set<string>();
  #newest: SegmentId | null = null;
  #rung: number | null = null;

  constructor(neighbours: Neighbours) {
    this.#neighbours = neighbours;
  }

  /** The rung of which segments are announced from now on. */
  setRung(rung: number | null): void {
    this.#rung = rung;
    if (this.#newest?.rung !== rung) this.#newest = null;
  }

  /** Whether it is new, and of a length that viewers exchange. */
  add(segment: SegmentFacts, hasSeeds: boolean): boolean {
    const key = segmentKey(segment);
    if (this.#facts.has(key) || segment.bytes > segmentBytesMax) return false;
    this.#facts.set(key, segment);
    if (!hasSeeds) this.#seedless.add(key);
    if (this.#newest === null || isAfter(segment, this.#newest)) this.#newest = segment;
    for (const neighbour of this.#neighbours.all()) neighbour.announced(key);
    for (const oldest of this.#facts.keys()) {
      if (this.#facts.size <= parameters.factsCountMax) break;
      this.#facts.delete(oldest);
      this.#seedless.delete(oldest);
    }
    return true;
  }

  get(key: string): SegmentFacts | undefined {
    return this.#facts.get(key);
  }

  hasSeeds(key: string): boolean {
    return !this.#seedless.has(key);
  }

  /** Oldest first, by key. */
  all(): IterableIterator<[string, SegmentFacts]> {
    return this.#facts.entries();
  }

  /** A neighbour says what it can give. That counts once it is announced, which may be a little later. */
  offered(neighbour: Neighbour, ids: readonly SegmentId[]): void {
    for (const id of ids) {
      const key = segmentKey(id);
      if (this.#facts.has(key)) neighbour.addHave(key);
      else if (this.#isNext(id)) neighbour.addEarlyHave(key);
    }
  }

  /** Whether it may be announced any moment. */
  #isNext({ rung, epoch, msn }: SegmentId): boolean {
    if (rung !== this.#rung) return false;
    const newest = this.#newest;
    if (newest === null) return true;
    if (epoch !== newest.epoch) return epoch === newest.epoch + 1;
    return msn > newest.msn && msn <= newest.msn + parameters.haveEarlyMsnMax;
  }
}
