/** A scenario's ladder as settings of the origin: presets where they fit, else sizes by the rate. */
import type { Scenario } from "../../src/config/schema-scenario.ts";

const presets = {
  "oprah-2008": [150, 300, 450, 600, 750],
  hd: [800, 1_800, 3_200, 5_500],
} as const;

/** Sizes of pictures by the least rate that they are worth. */
const sizes = [
  { kbpsMin: 0, width: 320, height: 180 },
  { kbpsMin: 250, width: 480, height: 270 },
  { kbpsMin: 400, width: 640, height: 360 },
  { kbpsMin: 550, width: 768, height: 432 },
  { kbpsMin: 700, width: 848, height: 480 },
  { kbpsMin: 1_500, width: 960, height: 540 },
  { kbpsMin: 2_500, width: 1_280, height: 720 },
  { kbpsMin: 4_500, width: 1_920, height: 1_080 },
] as const;

/** For `--set` of `fullhouse start` and `fullhouse record`. */
export function ladderSettings({ rungsKbps, capKbps }: Scenario["ladder"]): string[] {
  const rising = [...rungsKbps].sort((a, b) => a - b);
  const preset = Object.entries(presets).find(([, kbps]) => String(kbps) === String(rising));
  const rungs = rising.map((kbps) => {
    const { width, height } = sizes.findLast(({ kbpsMin }) => kbps >= kbpsMin)!;
    return { kbps, width, height };
  });
  return [
    ...(preset === undefined
      ? [`ladder.rungs=${JSON.stringify(rungs)}`]
      : [`ladder.preset=${preset[0]}`]),
    ...(capKbps === null ? [] : [`ladder.capKbps=${capKbps}`]),
    "ladder.audioRung=false",
  ];
}
