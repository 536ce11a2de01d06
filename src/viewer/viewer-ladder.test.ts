import { expect, test } from "vitest";
import { createViewerLadder, withDurations } from "./viewer-ladder.ts";

test("a ladder with other durations is the one made with them", () => {
  const rates = { peakBitsPerSec: [150e3, 300e3], averageBitsPerSec: [140e3, 280e3] };
  const made = { segmentDurationMs: 4_267, targetDurationMs: 4_000 };
  const other = { segmentDurationMs: 1_000, targetDurationMs: 2_000, bufferMsTarget: 9_000 };
  expect(withDurations(createViewerLadder({ ...rates, ...made }), other)).toEqual(
    createViewerLadder({ ...rates, ...other }),
  );
});
