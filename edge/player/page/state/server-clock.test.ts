import { expect, test } from "vitest";
import { sampleServerClock, unknownServerClock } from "./server-clock.ts";

const answer = (sentUnixMs: number, roundTripMs: number, serverUnixMs: number) => ({
  sentUnixMs,
  receivedUnixMs: sentUnixMs + roundTripMs,
  serverUnixMs,
});

test("the edge's clock was read half a round trip ago", () => {
  const clock = sampleServerClock(unknownServerClock, answer(1_000, 200, 61_100));
  expect(clock.offsetMs).toBe(60_000);
});

test("a shorter round trip wins, a longer one is ignored", () => {
  const first = sampleServerClock(unknownServerClock, answer(1_000, 200, 5_000));
  const longer = sampleServerClock(first, answer(2_000, 900, 9_999));
  expect(longer).toBe(first);
  expect(sampleServerClock(first, answer(3_000, 20, 13_010)).offsetMs).toBe(10_000);
});

test("after five minutes any sample is better than the old one", () => {
  const first = sampleServerClock(unknownServerClock, answer(1_000, 10, 1_005));
  expect(sampleServerClock(first, answer(400_000, 500, 400_250 + 70)).offsetMs).toBe(70);
});

test("a local clock that was set back between question and answer says nothing", () => {
  expect(sampleServerClock(unknownServerClock, answer(1_000, -5, 1))).toBe(unknownServerClock);
});
