/** `window.fullhouse`: what tests and a curious operator may read of the player, and only read. */
import type { Session } from "./session.ts";

export interface Diagnostics {
  readonly state: string;
  readonly reason: string;
  readonly latencySec: number | null;
  readonly behindSec: number | null;
  readonly stalls: number;
  readonly rung: string | null;
  readonly rungs: readonly string[];
  readonly firstFrameMs: number | null;
  readonly positionSec: number;
}

export function exposeDiagnostics(session: Session, video: HTMLVideoElement): void {
  const diagnostics: Diagnostics = {
    get state() {
      return session.state.face;
    },
    get reason() {
      return session.state.reason;
    },
    get latencySec() {
      return session.latencySec;
    },
    get behindSec() {
      return session.state.behindSec;
    },
    get stalls() {
      return session.state.stallCount;
    },
    get rung() {
      return session.playback?.playingRung ?? null;
    },
    get rungs() {
      return session.playback?.rungs.map(({ rung }) => rung) ?? [];
    },
    get firstFrameMs() {
      return session.firstFrameMs;
    },
    get positionSec() {
      return video.currentTime;
    },
  };
  Object.defineProperty(window, "fullhouse", { value: Object.freeze(diagnostics) });
}
