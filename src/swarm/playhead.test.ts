import { expect, test } from "vitest";
import { Playhead } from "./playhead.ts";

const id = (msn: number, epoch = 1) => ({ rung: 360, epoch, msn });

function announcedEvery(...gapsMs: number[]): Playhead {
  const playhead = new Playhead();
  let atMs = 0;
  playhead.announced(id(0), atMs);
  gapsMs.forEach((gapMs, i) => playhead.announced(id(i + 1), (atMs += gapMs)));
  return playhead;
}

test("segments are as long as they are apart, those at once and a break left out", () => {
  expect(announcedEvery().durationMs()).toBe(1_000);
  expect(announcedEvery().knownDurationMs()).toBeNull();
  expect(announcedEvery(0, 1, 0, 4_200, 4_300, 4_250).durationMs()).toBe(4_250);
  expect(announcedEvery(2_000, 60_000, 2_000).durationMs()).toBe(2_000);
});

test("what comes after the wanted segment is due a segment's time later each", () => {
  const playhead = announcedEvery(2_000, 2_000);
  playhead.wanted(id(2), 9_000, 4_000);
  expect([2, 3, 4].map((msn) => playhead.deadlineMs(id(msn)))).toEqual([9_000, 11_000, 13_000]);
  expect(playhead.deadlineMs(id(0, 2))).toBe(11_000);
});

test("a buffer that runs down makes the deadline earlier, never later", () => {
  const playhead = announcedEvery();
  playhead.wanted(id(2), 9_000, 4_000);
  playhead.buffered(6_000, 5_000);
  expect(playhead.deadlineMs(id(2))).toBe(9_000);
  playhead.buffered(2_000, 5_000);
  expect(playhead.deadlineMs(id(2))).toBe(7_000);
});

test("what was there too late, as the first is, counts from when it came", () => {
  const playhead = announcedEvery();
  playhead.wanted(id(2), 100, 100);
  playhead.delivered(600);
  expect(playhead.deadlineMs(id(3))).toBe(1_600);
});

test("ahead is the wanted segment and later ones of its rung", () => {
  const playhead = announcedEvery();
  expect(playhead.isAhead(id(2))).toBe(false);
  playhead.wanted(id(2), 9_000, 0);
  const others = [id(1), id(2), id(3), id(0, 2), id(9, 0), { ...id(3), rung: 750 }];
  expect(others.map((other) => playhead.isAhead(other))).toEqual([
    false,
    true,
    true,
    true,
    false,
    false,
  ]);
});

test("who has asked for nothing for long does not play", () => {
  const playhead = announcedEvery();
  expect(playhead.isPlaying(0)).toBe(false);
  playhead.wanted(id(2), 9_000, 0);
  expect([29_999, 30_000].map((nowMs) => playhead.isPlaying(nowMs))).toEqual([true, false]);
});
