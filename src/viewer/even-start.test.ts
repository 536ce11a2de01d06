import { expect, test } from "vitest";
import { chooseEvenStart } from "./even-start.ts";
import { chooseStart } from "./live-following.ts";
import { createViewers } from "./viewers.ts";

test.each([
  [8, 2_000, 2_000],
  [2, 2_000, 2_000],
  [8, 4_267, 4_000],
  [20, 1_000, 4_000],
])(
  "%d segments of %d ms at a target of %d ms start where unequal ones would",
  (count, ms, target) => {
    const [even, uneven] = [createViewers(1), createViewers(1)];
    chooseEvenStart(even, 0, 107, count, ms, 3 * target);
    chooseStart(uneven, 0, 107, new Array<number>(count).fill(ms), target);
    expect([even.nextMsn[0], even.skipMs[0]]).toEqual([uneven.nextMsn[0], uneven.skipMs[0]]);
  },
);
