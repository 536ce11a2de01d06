/** What one run of the encoder (an epoch) is to make of what source. */
import type { LadderConfig } from "../../src/config/schema.ts";
import type { LadderRung } from "../../src/govern/effective-ladder.ts";
import type { Grid } from "../../src/media/grid.ts";
import type { SourceDescription } from "../../src/media/source-description.ts";

export interface TranscodePlan {
  grid: Grid;
  /** The video rungs, in rising order of rate. Sound is always made, as the track after them. */
  rungs: readonly LadderRung[];
  source: SourceDescription;
  encoderPreset: LadderConfig["encoderPreset"];
}

/**
 * Where the encoder's timeline starts: AAC begins 1,024 samples early, and at zero its first
 * timestamp would wrap below (seen with ffmpeg 5.1); any offset of 22 ms or more cures it.
 */
export const timelineOffsetSec = 10;
