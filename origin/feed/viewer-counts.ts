/**
 * How many viewers a feed has, from what each process of the child relays last said. Pure: time is
 * passed in. A process that is silent is dropped; so many processes are known at most.
 */

/** A report every 5 s is due; three missed ones and the child counts as gone. */
const silentMsMax = 15_000;
export const reporterCountMax = 1_024;
/** Far above what one process can serve; a larger number is a mistake or an attack. */
const viewersMax = 1_000_000;

export interface ViewerReport {
  node: string;
  process: number;
  viewers: number;
  /** What the child says of itself and the nodes below it, unread; absent where it says nothing. */
  nodes?: unknown;
}

/** The report in a body, or what is wrong with it. */
export function readViewerReport(body: unknown): ViewerReport | string {
  if (typeof body !== "object" || body === null) return "must be an object";
  const { node, process, viewers, nodes } = body as Record<string, unknown>;
  if (typeof node !== "string" || !/^[a-z0-9-]{1,32}$/.test(node)) {
    return "node must be 1 to 32 of a-z, 0-9 and -";
  }
  if (!isCount(process, 1_000_000_000)) return "process must be a whole number";
  if (!isCount(viewers, viewersMax)) return `viewers must be a whole number up to ${viewersMax}`;
  return { node, process, viewers, ...(nodes === undefined ? {} : { nodes }) };
}

function isCount(value: unknown, max: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max;
}

export class ViewerCounts {
  readonly #reports = new Map<string, { viewers: number; atMs: number }>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** False when too many processes report already. */
  report({ node, process, viewers }: ViewerReport, nowMs: number): boolean {
    const key = `${node}/${process}`;
    const before = this.#reports.get(key);
    if (before === undefined && this.#reports.size >= reporterCountMax) return false;
    this.#reports.set(key, { viewers, atMs: nowMs });
    this.#total += viewers - (before?.viewers ?? 0);
    return true;
  }

  /** Drops the silent ones. */
  tick(nowMs: number): void {
    for (const [key, { viewers, atMs }] of this.#reports) {
      if (nowMs - atMs < silentMsMax) continue;
      this.#reports.delete(key);
      this.#total -= viewers;
    }
  }
}
