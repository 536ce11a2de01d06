/** Puts the diagnostics into the page, read-only. */
import type { Diagnostics } from "./diagnostics.ts";
import type { Session } from "../state/session.ts";
import { noSwarmStats } from "../sharing/swarm-view.ts";

export function exposeDiagnostics(options: {
  session: Session;
  video: HTMLVideoElement;
  room: { readonly isConnected: boolean };
}): void {
  const { session, video, room } = options;
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
    get room() {
      return room.isConnected ? "open" : "closed";
    },
    get bandwidthBitsPerSec() {
      return session.playback?.throughputBitsPerSec ?? null;
    },
    get swarm() {
      return session.swarm?.stats ?? noSwarmStats;
    },
    get swarmObstacle() {
      return session.swarm?.obstacle ?? "policy";
    },
  };
  Object.defineProperty(window, "fullhouse", { value: Object.freeze(diagnostics) });
}
