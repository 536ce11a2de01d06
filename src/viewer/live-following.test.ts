import { expect, test } from "vitest";
import {
  acceptPlaylist,
  chooseStart,
  countFailure,
  countSegment,
  nextAction,
  selectRung,
  viewerAction,
  wakeAtMs,
} from "./live-following.ts";
import { appendSegment } from "./playback.ts";
import { createViewers, join } from "./viewers.ts";

const segmentMs = 4_267;
const targetMs = 4_000;
const eight = Array<number>(8).fill(segmentMs);

function joined(atMs = 0) {
  const viewers = createViewers(2);
  join(viewers, 1, atMs);
  return viewers;
}

/** A viewer who has chosen its place from a playlist that lists up to `lastMsn`. */
function following(lastMsn: number, nowMs = 0) {
  const viewers = joined(nowMs);
  selectRung(viewers, 1, 2, nowMs);
  chooseStart(viewers, 1, lastMsn, eight, targetMs);
  acceptPlaylist(viewers, 1, nowMs, lastMsn, segmentMs, targetMs);
  return viewers;
}

test.each([
  ["three target durations before the end", eight, 107, 105, 801],
  ["at the first segment of a short playlist", [4_000, 4_000], 101, 100, 0],
  ["at the start of a segment that begins right there", [4_000, 4_000, 4_000], 102, 100, 0],
  ["as far back as short segments make it", Array<number>(20).fill(1_000), 120, 109, 0],
])("a viewer starts %s", (_where, durationsMs, lastMsn, nextMsn, skipMs) => {
  const viewers = joined();
  chooseStart(viewers, 1, lastMsn, durationsMs, targetMs);
  expect([viewers.nextMsn[1], viewers.skipMs[1], viewers.jumpCount[1]]).toEqual([
    nextMsn,
    skipMs,
    0,
  ]);
});

test("a viewer whose next segment left the window starts anew, and the jump is counted", () => {
  const viewers = following(107);
  chooseStart(viewers, 1, 207, eight, targetMs);
  expect([viewers.nextMsn[1], viewers.jumpCount[1]]).toEqual([205, 1]);
});

test("polls stay on the viewer's own phase however slow the answers are", () => {
  const viewers = following(107, 500);
  expect(viewers.pollAtMs[1]).toBe(4_500);
  acceptPlaylist(viewers, 1, 7_000, 108, segmentMs, targetMs);
  expect(viewers.pollAtMs[1]).toBe(8_500);
});

test("an unchanged playlist is asked for again after half a target duration", () => {
  const viewers = following(107);
  acceptPlaylist(viewers, 1, 4_010, 107, segmentMs, targetMs);
  expect(viewers.pollAtMs[1]).toBe(6_000);
});

test("a poll that was missed by more than an interval is due at once", () => {
  const viewers = following(107);
  acceptPlaylist(viewers, 1, 20_000, 109, segmentMs, targetMs);
  expect(viewers.pollAtMs[1]).toBe(20_000);
});

test("a segment shorter than the target brings the next poll forward near the live edge", () => {
  const viewers = following(107);
  acceptPlaylist(viewers, 1, 4_001, 108, 1_500, targetMs);
  expect(viewers.pollAtMs[1]).toBe(5_500);
});

test("a playlist older than one seen before counts as unchanged", () => {
  const viewers = following(107);
  acceptPlaylist(viewers, 1, 4_001, 105, segmentMs, targetMs);
  expect([viewers.lastMsn[1], viewers.pollAtMs[1]]).toEqual([107, 6_000]);
});

test("the next thing to do is the poll that is due, then the listed segment, then a wait", () => {
  const viewers = following(107);
  const actions = [];
  for (let nowMs = 10; actions.length < 5; nowMs += 10) {
    const action = nextAction(viewers, 1, nowMs);
    actions.push(action);
    if (action === viewerAction.fetch) appendSegment(viewers, 1, nowMs, segmentMs, 0);
    if (action === viewerAction.wait) nowMs = wakeAtMs(viewers, 1, nowMs) - 10;
  }
  const { fetch, wait, poll } = viewerAction;
  expect(actions).toEqual([fetch, fetch, fetch, wait, poll]);
});

test("a full buffer keeps a listed segment waiting until there is room", () => {
  const viewers = following(107);
  viewers.bufferMs[1] = 31_000;
  expect(nextAction(viewers, 1, 100)).toBe(viewerAction.wait);
  expect(wakeAtMs(viewers, 1, 100)).toBe(1_100);
});

test("a switch needs the other rung's playlist first, and is counted when its segment comes", () => {
  const viewers = following(107);
  countSegment(viewers, 1, 2, 1_000);
  expect(selectRung(viewers, 1, 2, 50)).toBe(true);
  expect(selectRung(viewers, 1, 1, 50)).toBe(false);
  expect(nextAction(viewers, 1, 50)).toBe(viewerAction.poll);
  acceptPlaylist(viewers, 1, 60, 107, segmentMs, targetMs);
  expect(nextAction(viewers, 1, 60)).toBe(viewerAction.fetch);
  countSegment(viewers, 1, 1, 500);
  countSegment(viewers, 1, 3, 500);
  expect([viewers.switchDownCount[1], viewers.switchUpCount[1]]).toEqual([1, 1]);
  expect([viewers.segmentCount[1], viewers.segmentBytes[1]]).toEqual([3, 2_000]);
});

test("failures are tried again after 1, 2, 4 and then 8 seconds, until one succeeds", () => {
  const viewers = following(107);
  const waits = [1, 2, 3, 4, 5].map(() => countFailure(viewers, 1, 10_000));
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 8_000]);
  expect(nextAction(viewers, 1, 17_999)).toBe(viewerAction.wait);
  expect(wakeAtMs(viewers, 1, 17_999)).toBe(18_000);
  expect(nextAction(viewers, 1, 18_000)).not.toBe(viewerAction.wait);
  countSegment(viewers, 1, 2, 1);
  expect(countFailure(viewers, 1, 20_000)).toBe(1_000);
  expect(viewers.failureCount[1]).toBe(6);
});

test("a viewer who has seen the end of the feed polls no more", () => {
  const viewers = following(107);
  viewers.endMsn[1] = 107;
  for (let n = 0; n < 3; n++) appendSegment(viewers, 1, 100, segmentMs, 0);
  expect(nextAction(viewers, 1, 100_000)).toBe(viewerAction.wait);
  expect(wakeAtMs(viewers, 1, 100)).toBeCloseTo(100 + 3 * segmentMs - 801 + 1, 6);
});
