/**
 * What an edge that ends says to its viewers as the reason of closing their sockets (RFC 6455 section
 * 7.1.6): over how long they may spread their return, so that the edges that are left are not met by
 * all of them at once.
 */

/** Over less nobody has to hurry; over more a viewer is without the others for too long. */
export const returnSpreadMsMin = 2_000;
const returnSpreadMsMax = 60_000;

const form = /^come again within (\d{1,6}) ms$/;

export function returnReason(spreadMs: number): string {
  const bounded = Math.min(returnSpreadMsMax, Math.max(returnSpreadMsMin, Math.ceil(spreadMs)));
  return `come again within ${bounded} ms`;
}

/** The spread that a reason names, within bounds; the least when it names none. */
export function readReturnReason(reason: string): number {
  const spreadMs = Number(form.exec(reason)?.[1] ?? 0);
  return Math.min(returnSpreadMsMax, Math.max(returnSpreadMsMin, spreadMs));
}
