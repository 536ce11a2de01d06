/**
 * Makes segments of one epoch's parts: two GOPs, cut only before a part that begins with an IDR in
 * every rung, the same cut in all rungs. A segment is complete as soon as it has its two GOPs: the
 * grid is exact, so waiting to see the next IDR would only cost a part of delay; if that part then
 * is none, the grid is broken and the epoch must end.
 */
import { assert } from "../../src/base/assert.ts";
import { ticksPerFrame, type Grid } from "../../src/media/grid.ts";
import type { AssembledPart } from "../../src/media/part-assembler.ts";

export interface CompleteSegment {
  /** In videoTimescale, on the continuing timeline. */
  startTicks: number;
  durationTicks: number;
  /** The bytes of each rung's parts, in order; rungs in the order of the segmenter. */
  rungs: readonly (readonly Uint8Array[])[];
}

/** The same part of all rungs. */
interface PartRow {
  partIndex: number;
  startTicks: number;
  durationTicks: number;
  independent: boolean;
  bytes: (Uint8Array | undefined)[];
  missingCount: number;
}

/** Parts of the fastest rung that wait for the slowest; the assembler keeps them together. */
const rowCountMax = 64;

export class Segmenter {
  readonly #rungs: readonly string[];
  readonly #segmentTicks: number;
  /** Rows that lack a rung's part, oldest first. */
  #rows: PartRow[] = [];
  #open: PartRow[] = [];
  #openTicks = 0;
  #fault: string | undefined;

  constructor({ rungs, grid }: { rungs: readonly string[]; grid: Grid }) {
    this.#rungs = rungs;
    this.#segmentTicks = grid.framesPerGop * grid.gopsPerSegment * ticksPerFrame(grid);
  }

  /** Why the epoch must end; nothing is returned any more. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Takes a rung's next part; returns the segment that it completes. */
  push(part: AssembledPart): CompleteSegment | undefined {
    if (this.#fault !== undefined) return undefined;
    this.#fill(part);
    const first = this.#rows[0];
    if (first === undefined || first.missingCount > 0) return undefined;
    this.#rows.shift();
    if (this.#open.length === 0 && !first.independent) {
      this.#fault = `part ${first.partIndex} should begin a GOP, but has no IDR in every rung`;
      return undefined;
    }
    this.#open.push(first);
    this.#openTicks += first.durationTicks;
    return this.#openTicks >= this.#segmentTicks ? this.#close() : undefined;
  }

  /** The epoch is over: what is left of it, as a shorter segment. */
  end(): CompleteSegment | undefined {
    return this.#open.length === 0 || this.#fault !== undefined ? undefined : this.#close();
  }

  #fill(part: AssembledPart): void {
    const rungIndex = this.#rungs.indexOf(part.rung);
    assert(rungIndex >= 0, `rung ${part.rung} is one of the epoch's`);
    let row = this.#rows.find((candidate) => candidate.partIndex === part.partIndex);
    if (row === undefined) {
      const { partIndex, startTicks, durationTicks } = part;
      const bytes = this.#rungs.map(() => undefined);
      const missingCount = this.#rungs.length;
      row = { partIndex, startTicks, durationTicks, independent: true, bytes, missingCount };
      this.#rows.push(row);
      if (this.#rows.length > rowCountMax) this.#fault = `rung ${part.rung} runs ahead of another`;
    }
    assert(row.bytes[rungIndex] === undefined, "a part comes once");
    row.bytes[rungIndex] = part.bytes;
    row.missingCount -= 1;
    row.independent &&= part.independent;
  }

  #close(): CompleteSegment {
    const rows = this.#open;
    const segment = {
      startTicks: rows[0]!.startTicks,
      durationTicks: this.#openTicks,
      rungs: this.#rungs.map((_, index) => rows.map((row) => row.bytes[index]!)),
    };
    this.#open = [];
    this.#openTicks = 0;
    return segment;
  }
}
