/**
 * One process's viewers of one feed, as a child relay posts them to its parent: the same reader and
 * the same bounds at every tier, so that what a relay takes from its children its own parent takes
 * from it. What a sum of reports comes to is bounded where it is reported on.
 */

export interface ViewerReport {
  node: string;
  /** Tells the processes of a node apart and outlives a restart, so that nobody counts twice. */
  process: number;
  viewers: number;
  /** What it says of itself and the nodes below it, unread; absent where it says nothing. */
  nodes?: unknown;
}

/** Above any audience there is; a larger number is a mistake or an attack. A report says no more. */
export const reportedViewersMax = 100_000_000;
/** Process numbers are below it (src/node/process-number.ts). */
const processMax = 1_000_000_000;

/** The report in a body, or what is wrong with it. */
export function readViewerReport(body: unknown): ViewerReport | string {
  if (typeof body !== "object" || body === null) return "must be an object";
  const { node, process, viewers, nodes } = body as Record<string, unknown>;
  if (typeof node !== "string" || !/^[a-z0-9-]{1,32}$/.test(node)) {
    return "node must be 1 to 32 of a-z, 0-9 and -";
  }
  if (!isCount(process, processMax)) return "process must be a whole number";
  if (!isCount(viewers, reportedViewersMax)) {
    return `viewers must be a whole number up to ${reportedViewersMax}`;
  }
  return { node, process, viewers, ...(nodes === undefined ? {} : { nodes }) };
}

function isCount(value: unknown, max: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max;
}
