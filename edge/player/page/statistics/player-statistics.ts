/** What the statistics say of the player at one moment; "Copy" gives exactly this as JSON. */
import type { SwarmStats } from "../../../../src/swarm/client-ports.ts";
import { bufferedAheadSec } from "../playback/buffered-ahead.ts";
import type { PlaybackStatistics } from "../playback/playback.ts";
import type { Session } from "../state/session.ts";
import type { SwarmObstacle } from "../sharing/swarm-view.ts";

export interface PlayerStatistics {
  takenUnixMs: number;
  feed: string;
  /** Hash of the page's script: which build of the page this is. */
  pageBuild: string;
  edgeHost: string;
  face: string;
  rung: string | null;
  widthPx: number;
  heightPx: number;
  bufferSec: number;
  throughputBitsPerSec: number | null;
  latencySec: number | null;
  /** Behind the position where live playback should be. */
  behindSec: number | null;
  playbackRate: number;
  frameCount: number;
  droppedFrameCount: number;
  stallCount: number;
  firstFrameMs: number | null;
  playback: PlaybackStatistics | null;
  /** Null where viewers do not share. */
  sharing: { obstacle: SwarmObstacle; stats: SwarmStats } | null;
}

export function takeStatistics(
  session: Session,
  { video, feed }: { video: HTMLVideoElement; feed: string },
): PlayerStatistics {
  const { playback, state, swarm } = session;
  const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
  return {
    takenUnixMs: Date.now(),
    feed,
    pageBuild: pageBuild(),
    edgeHost: location.host,
    face: state.face,
    rung: playback?.playingRung ?? null,
    widthPx: video.videoWidth,
    heightPx: video.videoHeight,
    bufferSec: bufferedAheadSec(video),
    throughputBitsPerSec: playback?.throughputBitsPerSec ?? null,
    latencySec: session.latencySec,
    behindSec: state.behindSec,
    playbackRate: video.playbackRate,
    frameCount: totalVideoFrames,
    droppedFrameCount: droppedVideoFrames,
    stallCount: state.stallCount,
    firstFrameMs: session.firstFrameMs,
    playback: playback?.statistics() ?? null,
    sharing:
      swarm === null || swarm.obstacle === "policy"
        ? null
        : { obstacle: swarm.obstacle, stats: { ...swarm.stats } },
  };
}

function pageBuild(): string {
  const script = document.querySelector<HTMLScriptElement>("script[type=module][src]");
  return /-([0-9a-f]{8})[0-9a-f]*\.js/.exec(script?.src ?? "")?.[1] ?? "unknown";
}
