/** A rung's init segment with what the ladder says of it; one an epoch and rung. */
import type { LadderRung } from "../../src/govern/effective-ladder.ts";
import type { Grid } from "../../src/media/grid.ts";
import { writeInitSegment } from "../../src/media/init-segment.ts";
import type { TrackInit } from "../../src/media/track.ts";
import { mediaObject, type MediaObject } from "./media-object.ts";

export interface RungInit {
  object: MediaObject;
  /** Content hash that stands in its name. */
  hash: string;
  codecs: string;
  /** Absent for sound alone. */
  width?: number;
  height?: number;
  frameRate?: number;
}

/** Characters of the SHA-256 in an init segment's name: 64 bits. */
const hashChars = 16;

/** The init segment of a rung from its tracks as the encoder describes them; no video: sound alone. */
export function rungInit(options: {
  rung: LadderRung;
  grid: Grid;
  video?: TrackInit;
  audio: TrackInit;
}): RungInit {
  const { rung, grid, video, audio } = options;
  const object = mediaObject(writeInitSegment({ audio, ...(video ? { video } : {}) }));
  const hash = object.sha256.slice(0, hashChars);
  if (video === undefined) return { object, hash, codecs: audio.codec };
  return {
    object,
    hash,
    codecs: `${video.codec},${audio.codec}`,
    width: video.width ?? rung.width,
    height: video.height ?? rung.height,
    frameRate: grid.frameRate,
  };
}
