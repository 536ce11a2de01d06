import { expect, test } from "vitest";
import { SettledRung } from "./settled-rung.ts";

/** Rungs of segments asked for one after the other, and the moves that they make. */
function check(rungs: readonly number[], moves: readonly string[]): void {
  const settled = new SettledRung();
  const made = rungs.flatMap((rung, msn) =>
    settled.take({ rung, msn, isChosen: false }) ? [`${msn}: ${rung}`] : [],
  );
  expect(made).toEqual(moves);
}

test.each<[string, readonly number[], readonly string[]]>([
  ["the first segment's rung is taken at once", [450], ["0: 450"]],
  ["a rung tried for one segment, six times over, moves nobody", dips(6), ["0: 450"]],
  ["the second segment in a row moves", [450, 450, 300, 300], ["0: 450", "3: 300"]],
  ["so does the way back", [450, 300, 300, 450, 450], ["0: 450", "2: 300", "4: 450"]],
  ["a climb over several rungs is one move", [300, 450, 600, 750, 750], ["0: 300", "4: 750"]],
  ["two segments of one rung apart are not in a row", [450, 300, 450, 300], ["0: 450"]],
])("%s", (_, rungs, moves) => check(rungs, moves));

function dips(count: number): number[] {
  return [450, ...Array.from({ length: count }, () => [450, 300, 450]).flat()];
}

test("one segment asked for twice, as after a failure, is one segment", () => {
  const settled = new SettledRung();
  settled.take({ rung: 450, msn: 1, isChosen: false });
  const again = { rung: 300, msn: 2, isChosen: false };
  expect([settled.take(again), settled.take(again)]).toEqual([false, false]);
  expect(settled.take({ ...again, msn: 3 })).toBe(true);
});

test("a rung that the viewer chose moves at once", () => {
  const settled = new SettledRung();
  settled.take({ rung: 450, msn: 1, isChosen: false });
  expect(settled.take({ rung: 150, msn: 2, isChosen: true })).toBe(true);
  expect(settled.take({ rung: 150, msn: 3, isChosen: true })).toBe(false);
});

test("who stopped belongs to no rung, and to the next one at once", () => {
  const settled = new SettledRung();
  expect(settled.clear()).toBe(false);
  settled.take({ rung: 450, msn: 1, isChosen: false });
  expect([settled.clear(), settled.rung]).toEqual([true, null]);
  expect(settled.take({ rung: 300, msn: 9, isChosen: false })).toBe(true);
});
