/**
 * Names the fills and reloads of a relay and says in the access log how they went. A fill bears the
 * id of the request that caused it, through retries and second parents; one that nobody's request
 * caused gets an id of its own.
 */
import type { ParsedPath } from "../../src/hls/path.ts";
import { reasonFor, type AccessLog } from "../../src/node/access-log.ts";
import type { RequestTrace } from "../../src/node/request-trace.ts";
import type { FillErrorReason } from "../../src/relay/relay-node.ts";

/** Reasons that are a parent's right: it has nothing (yet). */
const calmReasons: ReadonlySet<FillErrorReason> = new Set(["missing", "unavailable", "aborted"]);

/** One request to a parent, under way. */
interface Attempt {
  object: number;
  trace: RequestTrace;
  path: ParsedPath;
  parent: string;
  startedMs: number;
  /** Held by the parent until there is news, so that its first byte says nothing. */
  isHeld: boolean;
  status: number;
  firstByteMs: number;
  bytes: number;
}

export class FillLog {
  readonly #access: AccessLog;
  readonly #isUnderWay: (object: number) => boolean;
  /** By object, while a fill of it is under way. */
  readonly #traces = new Map<number, RequestTrace>();
  readonly #attempts = new Map<number, Attempt>();

  /** `isUnderWay` says whether the object is being asked for, or will be: queued, or to be retried. */
  constructor(access: AccessLog, isUnderWay: (object: number) => boolean) {
    this.#access = access;
    this.#isUnderWay = isUnderWay;
  }

  /** A request is about to cause the object's fill. */
  cause(object: number, trace: RequestTrace): void {
    this.#traces.set(object, trace);
  }

  /** The object's name is free for the next fill, unless this one goes on. */
  settle(object: number): void {
    if (!this.#isUnderWay(object)) this.#traces.delete(object);
  }

  /** The object is given up; what is fetched in its place is another one. */
  drop(object: number): void {
    this.#traces.delete(object);
  }

  /** Id of the fill of the object that is under way; "" when there is none. */
  idOf(object: number): string {
    return this.#traces.get(object)?.id ?? "";
  }

  /** A parent is asked; returns what the request is to bear. */
  asked(
    { attempt, object }: { attempt: number; object: number },
    of: { path: ParsedPath; parent: string; isHeld: boolean; nowMs: number },
  ): RequestTrace {
    const { path, parent, isHeld, nowMs } = of;
    let trace = this.#traces.get(object);
    if (trace === undefined) {
      trace = { id: this.#access.newId(), sampled: false };
      this.#traces.set(object, trace);
    }
    const begun = { status: 0, firstByteMs: -1, bytes: 0 };
    const known = { object, trace, path, parent, isHeld };
    this.#attempts.set(attempt, { ...known, ...begun, startedMs: nowMs });
    return trace;
  }

  answered(attempt: number, status: number, nowMs: number): void {
    const known = this.#attempts.get(attempt);
    if (known === undefined) return;
    known.status = status;
    known.firstByteMs = nowMs - known.startedMs;
  }

  received(attempt: number, byteCount: number): void {
    const known = this.#attempts.get(attempt);
    if (known !== undefined) known.bytes += byteCount;
  }

  /** The attempt is over; to be called once the node knows. */
  ended(attempt: number, how: "done" | "digest" | FillErrorReason, nowMs: number): void {
    const known = this.#attempts.get(attempt);
    if (known === undefined) return;
    this.#attempts.delete(attempt);
    this.settle(known.object);
    const { trace, isHeld, startedMs, firstByteMs } = known;
    const failed = how === "digest" || (how !== "done" && !calmReasons.has(how));
    const slow = !isHeld && this.#access.isSlow(firstByteMs < 0 ? nowMs - startedMs : firstByteMs);
    const reason = reasonFor({ failed, slow, sampled: false, traced: trace.sampled });
    if (reason === undefined) return;
    const { path, parent, status, bytes } = known;
    this.#access.fill(reason, {
      ...{ path, parent, status, bytes, firstByteMs },
      outcome: how,
      durationMs: nowMs - startedMs,
      requestId: trace.id,
    });
  }
}
