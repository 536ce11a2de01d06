import { expect, test } from "vitest";
import { gridFor, ticksPerFrame } from "../../src/media/grid.ts";
import { Segmenter, type CompleteSegment } from "./segmenter.ts";

const rungs = ["300", "450", "audio"];

/** Pushes parts `from` to `to` of all rungs; an IDR begins every GOP, except where said. */
function push(
  segmenter: Segmenter,
  options: { frameRate: number; from: number; to: number; noIdrAt?: number; short?: number },
): CompleteSegment[] {
  const grid = gridFor(options.frameRate);
  const partTicks = 16 * ticksPerFrame(grid);
  const partsPerGop = grid.framesPerGop / 16;
  const segments: CompleteSegment[] = [];
  for (let partIndex = options.from; partIndex < options.to; partIndex++) {
    for (const rung of rungs) {
      const isIdr = partIndex % partsPerGop === 0 && partIndex !== options.noIdrAt;
      const frameCount = partIndex === options.short ? 5 : 16;
      const segment = segmenter.push({
        rung,
        partIndex,
        independent: rung === "audio" || isIdr,
        startTicks: partIndex * partTicks,
        durationTicks: frameCount * ticksPerFrame(grid),
        frameCount,
        bytes: Uint8Array.of(partIndex),
      });
      if (segment !== undefined) segments.push(segment);
    }
  }
  return segments;
}

test.each([
  [30, 8, 4.267],
  [25, 6, 3.84],
  [24, 6, 4],
])("at %d fps a segment is %d parts, and leaves with its last", (frameRate, count, sec) => {
  const segmenter = new Segmenter({ rungs, grid: gridFor(frameRate) });
  expect(push(segmenter, { frameRate, from: 0, to: count - 1 })).toEqual([]);
  const [segment] = push(segmenter, { frameRate, from: count - 1, to: count });
  expect(segment!.durationTicks / 19_200).toBeCloseTo(sec, 3);
  expect(segment!.rungs.map((parts) => parts.length)).toEqual([count, count, count]);
  const [next] = push(segmenter, { frameRate, from: count, to: 2 * count });
  expect(next!.startTicks).toBe(segment!.durationTicks);
});

test("the end of an epoch gives what is left as a shorter segment, once", () => {
  const segmenter = new Segmenter({ rungs, grid: gridFor(30) });
  push(segmenter, { frameRate: 30, from: 0, to: 11, short: 10 });
  expect(segmenter.end()).toMatchObject({
    startTicks: 8 * 16 * 640,
    durationTicks: (16 + 16 + 5) * 640,
  });
  expect(segmenter.end()).toBeUndefined();
});

test("a GOP inside a segment needs no IDR of its own, a segment does", () => {
  const inside = new Segmenter({ rungs, grid: gridFor(30) });
  expect(push(inside, { frameRate: 30, from: 0, to: 8, noIdrAt: 4 }).length).toBe(1);
  const between = new Segmenter({ rungs, grid: gridFor(30) });
  expect(push(between, { frameRate: 30, from: 0, to: 24, noIdrAt: 8 }).length).toBe(1);
  expect(between.fault).toContain("part 8");
  expect(between.end()).toBeUndefined();
});

test("parts wait for the slowest rung, but not without limit", () => {
  const segmenter = new Segmenter({ rungs, grid: gridFor(30) });
  for (let partIndex = 0; partIndex < 65; partIndex++) {
    expect(segmenter.fault).toBeUndefined();
    segmenter.push({
      rung: "300",
      partIndex,
      independent: true,
      startTicks: partIndex,
      durationTicks: 1,
      frameCount: 16,
      bytes: new Uint8Array(),
    });
  }
  expect(segmenter.fault).toContain("rung 300");
});
