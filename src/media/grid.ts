/**
 * The grid that all rungs share: they cut at the same instants. A part is
 * 16 frames; a GOP 64 frames at 30 fps and 48 at 25 and 24; AAC at 48 kHz has 1,024 samples a frame.
 */

export interface Grid {
  frameRate: 24 | 25 | 30;
  framesPerPart: number;
  framesPerGop: number;
  gopsPerSegment: number;
}

/** Ticks a second of every video track we write: divisible by 24, 25 and 30 times 16. */
export const videoTimescale = 19_200;
export const audioTimescale = 48_000;
export const samplesPerAacFrame = 1_024;

/** EXT-X-TARGETDURATION of the `scale` profile, for every grid and for ever. */
export const targetDurationSec = 4;

/** The grid for a source: 50 and 60 fps are halved, NTSC rates rounded, anything else is 30. */
export function gridFor(sourceFrameRate: number): Grid {
  const frameRate = gridFrameRate(sourceFrameRate);
  return {
    frameRate,
    framesPerPart: 16,
    framesPerGop: frameRate === 30 ? 64 : 48,
    gopsPerSegment: 2,
  };
}

export function ticksPerFrame(grid: Grid): number {
  return videoTimescale / grid.frameRate;
}

function gridFrameRate(source: number): Grid["frameRate"] {
  const near = (target: number): boolean => Math.abs(source - target) < 0.2;
  if (near(25) || near(50)) return 25;
  if (near(24) || near(23.976)) return 24;
  return 30;
}
