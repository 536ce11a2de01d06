import { expect, test } from "vitest";
import { TagClock } from "./tag-clock.ts";

type Step = [kind: "audio" | "video", rawMs: number, nowMs: number];

/** Where each tag is placed: its time, "drop", or why the epoch breaks. */
function check(firstMs: number, steps: Step[]): (number | string)[] {
  const clock = new TagClock(firstMs, 0);
  return steps.map(([kind, rawMs, nowMs]) => {
    const place = clock.place(kind, rawMs, nowMs);
    if (place.kind === "at") return place.timestampMs;
    return place.kind === "break" ? place.reason : "drop";
  });
}

test.each<[string, number, Step[], (number | string)[]]>([
  [
    "the first timestamp becomes 0, the same for both tracks",
    1_000_000,
    [
      ["video", 1_000_000, 0],
      ["audio", 1_000_010, 10],
      ["video", 1_000_033, 33],
    ],
    [0, 10, 33],
  ],
  [
    "sound from before the first picture is dropped",
    500,
    [
      ["video", 500, 0],
      ["audio", 480, 0],
      ["audio", 501, 0],
    ],
    [0, "drop", 1],
  ],
  [
    "small steps back and repeated times are moved to 1 ms after the last",
    0,
    [
      ["video", 0, 0],
      ["video", 33, 33],
      ["video", 33, 66],
      ["video", 20, 99],
      ["video", 100, 100],
    ],
    [0, 33, 34, 35, 100],
  ],
  [
    "a step back of more than 250 ms breaks the epoch",
    0,
    [
      ["video", 0, 0],
      ["video", 600, 600],
      ["video", 350, 633],
      ["video", 349, 700],
    ],
    [0, 600, 601, "timestamps went back by 252 ms"],
  ],
  [
    "dropped frames of less than a second pass",
    0,
    [
      ["video", 0, 0],
      ["video", 900, 900],
    ],
    [0, 900],
  ],
  [
    "a jump ahead while the clock stood still is removed from both tracks",
    0,
    [
      ["video", 0, 0],
      ["audio", 10, 10],
      ["video", 60_033, 33],
      ["audio", 60_040, 40],
      ["video", 60_066, 66],
    ],
    [0, 10, 33, 40, 66],
  ],
  [
    "a tag from before the jump is still in its place",
    0,
    [
      ["video", 0, 0],
      ["audio", 10, 10],
      ["video", 60_033, 33],
      ["audio", 31, 34],
      ["audio", 60_052, 52],
      ["video", 60_066, 66],
    ],
    [0, 10, 33, 31, 52, 66],
  ],
  [
    "the jump of a 32-bit clock that wraps is removed",
    4_294_967_290,
    [
      ["video", 4_294_967_290, 0],
      ["audio", 8_589_934_580, 5],
    ],
    [0, 5],
  ],
  [
    "a jump ahead while the clock moved too is a real hole",
    0,
    [
      ["video", 0, 0],
      ["audio", 10, 10],
      ["video", 5_000, 5_000],
    ],
    [0, 10, "nothing came for 4990 ms"],
  ],
  [
    "a hole in one track passes while the other goes on",
    0,
    [
      ["video", 0, 0],
      ...Array.from({ length: 25 }, (_, i): Step => ["audio", 100 * i, 100 * i]),
      ["video", 2_400, 2_400],
    ],
    [0, ...Array.from({ length: 25 }, (_, i) => 100 * i), 2_400],
  ],
  [
    "sound that has gone on without video for more than 3 s breaks the epoch",
    0,
    [["video", 0, 0], ...Array.from({ length: 32 }, (_, i): Step => ["audio", 100 * i, 100 * i])],
    [0, ...Array.from({ length: 31 }, (_, i) => 100 * i), "no video for 3000 ms, but sound"],
  ],
  [
    "video that was away for more than 3 s comes back in a new epoch, however the sound came",
    0,
    [
      ["video", 0, 0],
      ...Array.from({ length: 32 }, (_, i): Step => ["audio", 100 * i, 0]),
      ["video", 3_100, 3_100],
    ],
    [0, ...Array.from({ length: 32 }, (_, i) => 100 * i), "no video for 3100 ms"],
  ],
])("%s", (_, firstMs, steps, expected) => {
  expect(check(firstMs, steps)).toEqual(expected);
});
