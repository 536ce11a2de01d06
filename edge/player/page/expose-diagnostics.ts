/** Puts the diagnostics into the page, read-only. */
import type { Diagnostics } from "./diagnostics.ts";
import type { Session } from "./session.ts";

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
