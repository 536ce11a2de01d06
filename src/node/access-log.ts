/**
 * The access log of a node: one JSON line for a response or a fill that is sampled, failed or was
 * slow, never more than `log.accessLinesPerSec` in a second. Its format is docs/logs.md. It takes no
 * URL, query, header or token: what a line says comes from parsed fields only.
 */
import type { Config } from "../config/schema.ts";
import { formatRung, type ParsedPath } from "../hls/path.ts";
import { AccessBudget } from "./access-budget.ts";
import type { Log } from "./log.ts";
import { RequestIds } from "./request-trace.ts";

/**
 * Why a line is written: it failed (5xx, cut, stalled), its first byte was late, it is the one in
 * `log.accessSample`, or it was that for the node that asked.
 */
export type AccessReason = "failure" | "slow" | "sample" | "traced";

/** How a response ended: whole, given up by the client, cut for wrong bytes, cut for taking none. */
export type ResponseEnd = "done" | "gone" | "cut" | "stalled";

/** Fields that both kinds of line have; -1 and "" stand for "has none" and are left out. */
interface Exchanged {
  path: ParsedPath | undefined;
  /** HTTP status; 0 before there was one. */
  status: number;
  outcome: string;
  /** Of the body. */
  bytes: number;
  durationMs: number;
  firstByteMs: number;
}

export interface ResponseLine extends Exchanged {
  end: ResponseEnd;
  requestId: string;
  /** Of the fill whose bytes it waited for. */
  fillId: string;
  client: string;
}

export interface FillLine extends Exchanged {
  requestId: string;
  /** `host:port`. */
  parent: string;
}

const leftOutEveryMs = 60_000;

export interface AccessLogOptions {
  log: Log;
  settings: Config["log"];
  nowMs: () => number;
}

export class AccessLog {
  readonly #log: Log;
  readonly #nowMs: () => number;
  readonly #slowMs: number;
  readonly #sampleEvery: number;
  readonly #budget: AccessBudget;
  readonly #ids = new RequestIds();
  #untilSample: number;
  #saidMs: number;

  constructor({ log, settings, nowMs }: AccessLogOptions) {
    const { accessSample, accessLinesPerSec, slowMs } = settings;
    const isOff = accessSample === 0 || accessLinesPerSec === 0;
    this.#log = log;
    this.#nowMs = nowMs;
    this.#slowMs = slowMs;
    this.#sampleEvery = isOff ? Number.POSITIVE_INFINITY : accessSample;
    this.#untilSample = this.#sampleEvery;
    this.#budget = new AccessBudget(accessLinesPerSec);
    this.#saidMs = nowMs();
  }

  /** Counts a request; true for each `log.accessSample`-th. All that the fast path pays. */
  sampled(): boolean {
    this.#untilSample -= 1;
    if (this.#untilSample > 0) return false;
    this.#untilSample = this.#sampleEvery;
    return true;
  }

  /** A new request id. */
  newId(): string {
    return this.#ids.next();
  }

  /** Whether a first byte after so long is worth a line. */
  isSlow(firstByteMs: number): boolean {
    return firstByteMs >= this.#slowMs;
  }

  response(reason: AccessReason, line: ResponseLine): void {
    if (!this.#hasRoom(reason)) return;
    const { end, requestId, fillId, client } = line;
    const own = { end, ...(fillId === "" ? {} : { fillId }), ...(client === "" ? {} : { client }) };
    this.#log.info({ ...this.#fieldsOf(reason, line, requestId), ...own }, "response");
  }

  fill(reason: AccessReason, line: FillLine): void {
    if (!this.#hasRoom(reason)) return;
    const { requestId, parent } = line;
    this.#log.info({ ...this.#fieldsOf(reason, line, requestId), parent }, "fill");
  }

  /** To be called about every second: says once a minute what was left out. */
  tick(nowMs: number): void {
    if (nowMs - this.#saidMs < leftOutEveryMs) return;
    this.#saidMs = nowMs;
    this.#sayLeftOut();
  }

  /** Says what was left out and not said yet. */
  close(): void {
    this.#sayLeftOut();
  }

  #hasRoom(reason: AccessReason): boolean {
    return this.#budget.take(reason === "failure", this.#nowMs());
  }

  #fieldsOf(reason: AccessReason, of: Exchanged, requestId: string): Record<string, unknown> {
    const { path, status, outcome, bytes, durationMs, firstByteMs } = of;
    return {
      reason,
      ...(reason === "sample" ? { oneIn: this.#sampleEvery } : {}),
      requestId: requestId === "" ? this.newId() : requestId,
      ...fieldsOfPath(path),
      status,
      outcome,
      bytes,
      durationMs: Math.round(durationMs),
      ...(firstByteMs < 0 ? {} : { firstByteMs: Math.round(firstByteMs) }),
    };
  }

  #sayLeftOut(): void {
    const leftOut = this.#budget.takeLeftOut();
    if (leftOut !== undefined) this.#log.info({ leftOut }, "access lines were left out");
  }
}

/** Why the line of an exchange is written; undefined: it is not. */
export function reasonFor(
  facts: Readonly<Record<"failed" | "slow" | "sampled" | "traced", boolean>>,
): AccessReason | undefined {
  if (facts.failed) return "failure";
  if (facts.slow) return "slow";
  if (facts.sampled) return "sample";
  return facts.traced ? "traced" : undefined;
}

function fieldsOfPath(path: ParsedPath | undefined): Record<string, unknown> {
  if (path === undefined) return { kind: "other" };
  const { kind, feed, rung, epoch, msn } = path;
  return {
    kind,
    ...(feed === "" ? {} : { feed }),
    ...(rung < 0 ? {} : { rung: formatRung(rung) }),
    ...(epoch < 0 ? {} : { epoch }),
    ...(msn < 0 ? {} : { msn }),
  };
}
