import { expect, test } from "vitest";
import { ladderSettings } from "./ladder-settings.ts";

function check(rungsKbps: number[], capKbps: number | null, expected: string[]): void {
  expect(ladderSettings({ rungsKbps, averagesKbps: [], capKbps })).toEqual(expected);
}

test("a ladder that is a preset is named, in whatever order the scenario has it", () => {
  check([750, 150, 300, 450, 600], null, ["ladder.preset=oprah-2008", "ladder.audioRung=false"]);
});

test("a cap goes to the origin, which makes the rung at it", () => {
  check([800, 1_800, 3_200, 5_500], 1_000, [
    "ladder.preset=hd",
    "ladder.capKbps=1000",
    "ladder.audioRung=false",
  ]);
});

test("other rates get pictures of a size they are worth", () => {
  check([5_000, 260], null, [
    'ladder.rungs=[{"kbps":260,"width":480,"height":270},{"kbps":5000,"width":1920,"height":1080}]',
    "ladder.audioRung=false",
  ]);
});
