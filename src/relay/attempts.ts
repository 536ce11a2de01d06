/** Requests to parents: started, ended, and what a failure means for the parent. */
import { countOn, type Attempt, type NodeState } from "./node-state.ts";
import { objectKind } from "./objects.ts";

/** Whether the object is media (bytes kept by this node), not a document that is followed. */
export function isMedia(node: NodeState, object: number): boolean {
  return (node.objects.kind[object] ?? 0) >= objectKind.init;
}

export function startAttempt(
  node: NodeState,
  of: { object: number; parent: number; after: number },
  nowMs: number,
): void {
  node.attemptLast += 1;
  const attempt = node.attemptLast;
  node.attempts.set(attempt, {
    id: attempt,
    ...of,
    startedMs: nowMs,
    headMs: -1,
    progressMs: nowMs,
    isLate: false,
  });
  node.running[of.object]! += 1;
  if (isMedia(node, of.object)) node.fillCount += 1;
  node.decisions.push({ kind: "fill", attempt, ...of });
}

/** Forgets the attempt; the caller says whether it failed or not. */
export function endAttempt(node: NodeState, attempt: Attempt): void {
  node.attempts.delete(attempt.id);
  node.running[attempt.object]! -= 1;
  if (isMedia(node, attempt.object)) node.fillCount -= 1;
}

/** Gives up all attempts for the object, or all but one. */
export function abortAttempts(node: NodeState, object: number, except = -1): void {
  if ((node.running[object] ?? 0) === 0) return;
  for (const attempt of node.attempts.values()) {
    if (attempt.object !== object || attempt.id === except) continue;
    endAttempt(node, attempt);
    node.decisions.push({ kind: "abort", attempt: attempt.id });
  }
}

export function parentFailed(node: NodeState, parent: number, nowMs: number): void {
  const untilMs = node.parents.failed(parent, nowMs);
  if (untilMs === -1) return;
  countOn(node, "ejection");
  node.decisions.push({ kind: "eject", parent, untilMs });
}
