/**
 * Fills of segments and init segments: one an object, started by demand or by a new playlist, with
 * a second parent asked when the first is late, another tried when it fails, and room made in the
 * cache. Bytes are the adapter's; here are their numbers.
 */
import { abortAttempts, endAttempt, parentFailed, startAttempt } from "./attempts.ts";
import { countOn, wake, type Attempt, type NodeState } from "./node-state.ts";
import { objectKind, objectState } from "./objects.ts";
import { withheldBytes } from "./options.ts";
import { retryPauseMs } from "./retry-pause.ts";

/** Requests for one object before it counts as failed. */
export const attemptCountMax = 4;
/** How long an object that could not be had is not asked for again. */
export const failedRetryMs = 1_000;
/** Pauses before the same parent is asked again; half of it at least, see retry-pause.ts. */
const pauseMsMin = 200;
const pauseMsMax = 400;

/** Bytes of the object that readers may have. */
export function visibleBytesOf(node: NodeState, object: number): number {
  const { objects } = node;
  const total = objects.totalBytes[object] ?? -1;
  if (objects.state[object] === objectState.complete) return total;
  if (objects.state[object] !== objectState.filling || total < 0) return 0;
  return Math.max(0, Math.min(objects.receivedBytes[object] ?? 0, total - withheldBytes));
}

/** Starts the fill of an object nobody is fetching, or queues it when too many are under way. */
export function startFill(node: NodeState, object: number, nowMs: number): void {
  const { objects } = node;
  objects.failures[object] = 0;
  objects.receivedBytes[object] = 0;
  objects.totalBytes[object] = -1;
  if (node.fillCount >= node.options.fillCountMax) {
    objects.state[object] = objectState.queued;
    node.queue.push(object);
    countOn(node, "fillQueued");
    return;
  }
  countOn(node, "fill");
  objects.state[object] = objectState.filling;
  attemptFill(node, { object, avoid: -1 }, nowMs);
}

/** Goes on with paused fills and starts queued ones while there is room. */
export function startQueued(node: NodeState, nowMs: number): void {
  for (const [object, atMs] of node.paused) {
    if (nowMs < atMs || node.fillCount >= node.options.fillCountMax) continue;
    node.paused.delete(object);
    attemptFill(node, { object, avoid: -1 }, nowMs);
  }
  while (node.queue.length > 0 && node.fillCount < node.options.fillCountMax) {
    const object = node.queue.shift()!;
    if (node.objects.state[object] === objectState.queued) startFill(node, object, nowMs);
  }
}

/**
 * The headers of a fill came. Returns how many bytes of the body to skip because an attempt before
 * delivered them, or -1 when the answer is not wanted.
 */
export function fillHead(
  node: NodeState,
  attempt: Attempt,
  head: { totalBytes: number; sameContent: boolean },
  nowMs: number,
): number {
  const { objects } = node;
  const { object } = attempt;
  const { totalBytes } = head;
  attempt.headMs = nowMs;
  attempt.progressMs = nowMs;
  abortAttempts(node, object, attempt.id);
  const received = objects.receivedBytes[object] ?? 0;
  if (received > 0 && head.sameContent && objects.totalBytes[object] === totalBytes)
    return received;
  if (received > 0) cut(node, object);
  if (totalBytes > node.options.objectBytesMax) {
    countOn(node, "objectTooLarge");
    return refuseHead(node, attempt, nowMs);
  }
  node.cacheBytes -= Math.max(0, objects.totalBytes[object] ?? -1);
  objects.totalBytes[object] = totalBytes;
  node.cacheBytes += totalBytes;
  if (!makeRoom(node, object)) {
    countOn(node, "cacheFull");
    return refuseHead(node, attempt, nowMs);
  }
  return 0;
}

/** Bytes came; `receivedBytes` counts from the object's first. */
export function fillProgress(
  node: NodeState,
  attempt: Attempt,
  receivedBytes: number,
  nowMs: number,
): void {
  const { object } = attempt;
  attempt.progressMs = nowMs;
  const visibleBefore = visibleBytesOf(node, object);
  node.objects.receivedBytes[object] = Math.max(
    receivedBytes,
    node.objects.receivedBytes[object] ?? 0,
  );
  if (visibleBefore === 0 && visibleBytesOf(node, object) > 0) wake(node, object);
}

/** The body is whole; whether its digest is right decides what it was worth. */
export function fillEnd(node: NodeState, attempt: Attempt, digestOk: boolean, nowMs: number): void {
  const { object } = attempt;
  if (!digestOk) {
    countOn(node, "digestMismatch");
    cut(node, object);
    fillFailed(node, attempt, { missing: false, parentAtFault: true }, nowMs);
    return;
  }
  endAttempt(node, attempt);
  node.parents.succeeded(attempt.parent);
  node.objects.receivedBytes[object] = node.objects.totalBytes[object]!;
  node.objects.state[object] = objectState.complete;
  wake(node, object);
  startQueued(node, nowMs);
}

/** The attempt came to nothing: another parent is tried, until there have been too many. */
export function fillFailed(
  node: NodeState,
  attempt: Attempt,
  why: { missing: boolean; parentAtFault: boolean },
  nowMs: number,
): void {
  const { objects } = node;
  const { object, parent } = attempt;
  endAttempt(node, attempt);
  if (why.parentAtFault) parentFailed(node, parent, nowMs);
  if (node.running[object] === 0) {
    const failures = objects.failures[object]! + 1;
    objects.failures[object] = failures;
    const other = node.parents.choose(nowMs, parent);
    const triesMax = why.missing ? Math.min(node.parents.count, attemptCountMax) : attemptCountMax;
    if (failures < triesMax && (other !== -1 || !why.missing)) {
      countOn(node, "retry");
      if (other !== -1) attemptFill(node, { object, avoid: parent }, nowMs);
      else {
        const limits = { msMin: pauseMsMin, msMax: pauseMsMax };
        node.paused.set(object, nowMs + retryPauseMs(node, { object, failures, ...limits }));
      }
    } else {
      giveUp(node, object, why.missing, nowMs);
    }
  }
  startQueued(node, nowMs);
}

/** Deadlines of one attempt: the next parent is asked when the first byte is late. */
export function tickFill(node: NodeState, attempt: Attempt, nowMs: number): void {
  const { firstByteTimeoutMs, progressTimeoutMs } = node.options;
  if (nowMs - attempt.progressMs >= Math.max(progressTimeoutMs, firstByteTimeoutMs)) {
    countOn(node, "parentTimeout");
    node.decisions.push({ kind: "abort", attempt: attempt.id });
    fillFailed(node, attempt, { missing: false, parentAtFault: true }, nowMs);
    return;
  }
  if (attempt.headMs !== -1 || nowMs - attempt.startedMs < firstByteTimeoutMs) return;
  if (node.running[attempt.object] !== 1) return;
  const other = node.parents.choose(nowMs, attempt.parent);
  if (other === -1) return;
  countOn(node, "hedge");
  parentFailed(node, attempt.parent, nowMs);
  startAttempt(node, { object: attempt.object, parent: other, after: -1 }, nowMs);
}

/** Forgets what the slot holds, and whoever fetches it; waiters ask again. */
export function dropObject(node: NodeState, object: number): void {
  const { objects } = node;
  if (objects.state[object] === objectState.absent) return;
  abortAttempts(node, object);
  node.paused.delete(object);
  node.cacheBytes -= Math.max(0, objects.totalBytes[object] ?? -1);
  objects.state[object] = objectState.absent;
  objects.totalBytes[object] = -1;
  objects.receivedBytes[object] = 0;
  node.decisions.push({ kind: "drop", object });
  wake(node, object);
}

function attemptFill(
  node: NodeState,
  { object, avoid }: { object: number; avoid: number },
  nowMs: number,
): void {
  const parent = node.parents.chooseAny(nowMs, avoid);
  if (parent === -1) giveUp(node, object, false, nowMs);
  else startAttempt(node, { object, parent, after: -1 }, nowMs);
}

function refuseHead(node: NodeState, attempt: Attempt, nowMs: number): number {
  node.decisions.push({ kind: "abort", attempt: attempt.id });
  endAttempt(node, attempt);
  giveUp(node, attempt.object, false, nowMs);
  startQueued(node, nowMs);
  return -1;
}

function giveUp(node: NodeState, object: number, missing: boolean, nowMs: number): void {
  const { objects, options } = node;
  countOn(node, "fillFailed");
  if ((objects.receivedBytes[object] ?? 0) > 0) cut(node, object);
  node.cacheBytes -= Math.max(0, objects.totalBytes[object] ?? -1);
  objects.totalBytes[object] = -1;
  objects.state[object] = missing ? objectState.missing : objectState.failed;
  objects.retryMs[object] = nowMs + (missing ? options.targetDurationMs : failedRetryMs);
  node.decisions.push({ kind: "drop", object });
  wake(node, object);
}

function cut(node: NodeState, object: number): void {
  node.objects.receivedBytes[object] = 0;
  node.decisions.push({ kind: "cut", object });
}

/** Evicts whole objects, least recently demanded first, until the cache is within its limit. */
function makeRoom(node: NodeState, keep: number): boolean {
  const { objects } = node;
  while (node.cacheBytes > node.options.cacheBytesMax) {
    let oldest = -1;
    for (let object = 0; object < objects.count; object++) {
      if (object === keep || objects.state[object] !== objectState.complete) continue;
      if ((objects.kind[object] ?? 0) < objectKind.init) continue;
      if (oldest === -1 || objects.demandedMs[object]! < objects.demandedMs[oldest]!) {
        oldest = object;
      }
    }
    if (oldest === -1) return false;
    countOn(node, "evicted");
    dropObject(node, oldest);
  }
  return true;
}
