/** Which face the player's state has: the one place that decides what the viewer is told. */
import type { Face, FaceReason, PlayerState } from "./player-state.ts";

/** The picture may stand still this long before it is called a stall: three ticks. */
const haltMsMin = 700;

interface ShownFace {
  face: Face;
  reason: FaceReason;
}

/** Whether playback that should move does not. */
export function isHalted(state: PlayerState, nowMs: number): boolean {
  return state.playback === "open" && !state.paused && nowMs - state.lastProgressMs > haltMsMin;
}

export function faceOf(state: PlayerState, nowMs: number): ShownFace {
  if (!state.supported) return { face: "error", reason: "unsupported" };
  if (state.playback === "open") return openFace(state, nowMs);
  if (!state.online) return { face: "error", reason: "connection" };
  if (state.probeFailure === "notFound") return { face: "error", reason: "unknownFeed" };
  if (state.probeFailure === "full") return { face: "full", reason: "none" };
  if (state.probeFailureCount >= 2) return { face: "error", reason: "unreachable" };
  if (state.openAttemptCount >= 3) return { face: "error", reason: "unplayable" };
  return closedFace(state);
}

/** When the page next tries by itself; null where it needs no countdown. */
export function nextAttemptMs(state: PlayerState): number | null {
  if (state.face !== "error" && state.face !== "full") return null;
  if (state.reason === "unsupported" || state.reason === "connection") return null;
  return state.reason === "unplayable" ? state.reopenAtMs : state.probeAtMs;
}

function openFace(state: PlayerState, nowMs: number): ShownFace {
  if (!isHalted(state, nowMs)) {
    return { face: state.isBehind ? "behind" : "live", reason: "none" };
  }
  if (state.feed === "waiting") return { face: "waiting", reason: "none" };
  return { face: "stalled", reason: state.online ? "none" : "connection" };
}

function closedFace(state: PlayerState): ShownFace {
  switch (state.feed) {
    case "offline":
      return { face: "offline", reason: "none" };
    case "starting":
      return { face: "starting", reason: "none" };
    case "waiting":
      return { face: "waiting", reason: "none" };
    case "ended":
      return { face: "ended", reason: "none" };
    case "live":
    case "slate":
    case null:
      // Opened again after a stall: to the viewer that is still the same stall.
      if (state.hadFrame) return { face: "stalled", reason: "none" };
      return { face: "starting", reason: "joining" };
  }
}
