import fc from "fast-check";
import { expect, test } from "vitest";
import { LiveWindow, type LiveWindowOptions, type WindowSegment } from "./live-window.ts";

function windowOf(over: Partial<LiveWindowOptions> = {}): LiveWindow<WindowSegment> {
  return new LiveWindow({ segmentCount: 3, keptCount: 2, bytesMax: 1_000_000, ...over });
}

/** What a playlist would say: DISCONTINUITY-SEQUENCE, then the segments, "!" before a break. */
function shown(window: LiveWindow<WindowSegment>): string {
  const listed = window.listed.map(({ epoch, msn, discontinuity }) => {
    return `${discontinuity ? "!" : ""}${epoch}-${msn}`;
  });
  return [window.discontinuitySequence, ...listed].join(" ");
}

function append(window: LiveWindow<WindowSegment>, epoch: number, msn: number, bytes = 10) {
  return window.append({ epoch, msn, bytes }).map((segment) => segment.msn);
}

test("the oldest segment leaves the list, and is dropped two segments later", () => {
  const window = windowOf();
  for (const msn of [0, 1, 2]) append(window, 7, msn);
  expect(shown(window)).toBe("0 7-0 7-1 7-2");
  expect([append(window, 7, 3), append(window, 7, 4), append(window, 7, 5)]).toEqual([[], [], [0]]);
  expect(shown(window)).toBe("0 7-3 7-4 7-5");
  expect(window.fetchable.map((segment) => segment.msn)).toEqual([1, 2, 3, 4, 5]);
  expect(window.bytes).toBe(50);
});

test("a new epoch breaks the timeline once, and the sequence rises when the break leaves", () => {
  const window = windowOf();
  const lines = [];
  for (const [epoch, msn] of [
    [7, 0],
    [7, 1],
    [9, 2],
    [9, 3],
    [9, 4],
    [9, 5],
  ] as const) {
    // prettier-ignore
    append(window, epoch, msn);
    lines.push(shown(window));
  }
  expect(lines).toEqual([
    "0 7-0",
    "0 7-0 7-1",
    "0 7-0 7-1 !9-2",
    "0 7-1 !9-2 9-3",
    "0 !9-2 9-3 9-4",
    "1 9-3 9-4 9-5",
  ]);
});

test("the next broadcast lists only its own segments, and the numbers go on", () => {
  const window = windowOf();
  for (const msn of [0, 1]) append(window, 7, msn);
  expect(window.unlistAll()).toEqual([]);
  expect(shown(window)).toBe("0");
  append(window, 8, 2);
  expect(shown(window)).toBe("0 !8-2");
  expect(window.fetchable.map((segment) => segment.msn)).toEqual([0, 1, 2]);
});

test("a forgotten broadcast leaves nothing to fetch but the counters", () => {
  const window = windowOf();
  append(window, 7, 0);
  append(window, 8, 1);
  expect(window.clear().map((segment) => segment.msn)).toEqual([0, 1]);
  append(window, 9, 2);
  expect([shown(window), window.bytes]).toEqual(["1 !9-2", 10]);
});

test("a window that starts after another program's run breaks the timeline at once", () => {
  const window = windowOf({ before: { epoch: 40, discontinuitySequence: 12 } });
  expect(window.discontinuityNumberOfNextEpoch).toBe(13);
  append(window, 41, 5000);
  expect(shown(window)).toBe("12 !41-5000");
  const first = windowOf({ discontinuitySequence: 20_000 });
  expect(first.discontinuityNumberOfNextEpoch).toBe(20_000);
  append(first, 41, 5000);
  expect(shown(first)).toBe("20000 41-5000");
  expect(first.discontinuityNumberOfNextEpoch).toBe(20_001);
});

test("past its bytes the window gives up kept segments, then listed ones, never the last three", () => {
  const window = windowOf({ segmentCount: 5, keptCount: 5, bytesMax: 100 });
  for (let msn = 0; msn < 10; msn++) append(window, 7, msn);
  expect([window.fetchable.length, window.droppedForBytesCount]).toEqual([10, 0]);
  expect(append(window, 7, 10, 30)).toEqual([0, 1, 2]);
  expect(append(window, 7, 11, 60)).toEqual([3, 4, 5, 6, 7, 8]);
  expect(shown(window)).toBe("0 7-9 7-10 7-11");
  expect(append(window, 7, 12, 60)).toEqual([9]);
  expect(window.droppedForBytesCount).toBe(9);
});

test.each<[string, number, number]>([
  ["an MSN again", 7, 1],
  ["a gap in the list", 7, 3],
  ["an older epoch", 6, 2],
])("%s is a bug", (_name, epoch, msn) => {
  const window = windowOf();
  append(window, 7, 1);
  expect(() => append(window, epoch, msn)).toThrow("assertion");
});

type Step =
  { kind: "segments"; count: number; bytes: number } | { kind: "epoch" | "unlist" | "clear" };

test("whatever happens, numbers never go back and the discontinuity number of a segment is fixed", () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({
      kind: fc.constant("segments" as const),
      count: fc.integer({ min: 1, max: 6 }),
      bytes: fc.integer({ min: 1, max: 60 }),
    }),
    fc.record({ kind: fc.constantFrom("epoch" as const, "unlist" as const, "clear" as const) }),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const window = windowOf({ bytesMax: 200 });
      const numberOf = new Map<number, number>();
      let epoch = 0;
      let msn = 0;
      let sequence = 0;
      let first = 0;
      for (const next of steps) {
        if (next.kind === "epoch") epoch += 1;
        if (next.kind === "unlist") window.unlistAll();
        if (next.kind === "clear") window.clear();
        if (next.kind === "segments") {
          for (let i = 0; i < next.count; i++) append(window, epoch, msn++, next.bytes);
        }
        expect(window.discontinuitySequence).toBeGreaterThanOrEqual(sequence);
        sequence = window.discontinuitySequence;
        let number = sequence;
        for (const segment of window.listed) {
          if (segment.discontinuity) number += 1;
          expect(numberOf.get(segment.msn) ?? number).toBe(number);
          numberOf.set(segment.msn, number);
        }
        expect(window.listed[0]?.msn ?? first).toBeGreaterThanOrEqual(first);
        first = window.listed[0]?.msn ?? first;
        expect(window.listedCount).toBeLessThanOrEqual(3);
        expect(window.fetchable.length).toBeLessThanOrEqual(5);
        const sum = window.fetchable.reduce((bytes, segment) => bytes + segment.bytes, 0);
        expect(window.bytes).toBe(sum);
        expect(sum <= 200 || window.fetchable.length === 3).toBe(true);
      }
    }),
  );
});
