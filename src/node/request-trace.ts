/**
 * What links the log lines of one request through the tiers: an id that a relay gives to each fill
 * and reload, and whether lines about it are wanted. It travels as two headers on tier ports only;
 * what a viewer sends under these names is never read.
 */
import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

export const requestIdHeader = "x-request-id";
const sampledHeader = "x-request-sampled";
const requestIdForm = /^[A-Za-z0-9-]{1,64}$/;

export interface RequestTrace {
  readonly id: string;
  /** Every tier writes its line about it, whether it went well or not. */
  readonly sampled: boolean;
}

/** The caller's; undefined without an id of the grammar, whatever else came under its name. */
export function readTrace(headers: IncomingHttpHeaders): RequestTrace | undefined {
  const id = headers[requestIdHeader];
  if (typeof id !== "string" || !requestIdForm.test(id)) return undefined;
  return { id, sampled: headers[sampledHeader] === "1" };
}

export function traceHeaders({ id, sampled }: RequestTrace): Record<string, string> {
  return sampled ? { [requestIdHeader]: id, [sampledHeader]: "1" } : { [requestIdHeader]: id };
}

/** Makes ids that no other process makes; they are names, not secrets. */
export class RequestIds {
  readonly #prefix = randomBytes(6).toString("hex");
  #count = 0;

  next(): string {
    this.#count += 1;
    return `${this.#prefix}-${this.#count.toString(36)}`;
  }
}
