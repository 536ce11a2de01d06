import { expect, test } from "vitest";
import { isLivePlace, seekSentence, seekSign } from "./seek-text.ts";

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: "UTC" });
const madeUnixMs = Date.UTC(2026, 10, 29, 14, 32, 5);

test.each([
  [0, "14:32:05 · Live", "Live, 14:32:05"],
  [-0.4, "14:32:05 · Live", "Live, 14:32:05"],
  [1.9, "14:32:05 · Live", "Live, 14:32:05"],
  [2, "14:32:05 · −0:02", "2 seconds behind live, 14:32:05"],
  [61.4, "14:32:05 · −1:01", "1 minute 1 second behind live, 14:32:05"],
  [120, "14:32:05 · −2:00", "2 minutes behind live, 14:32:05"],
  [7_265, "14:32:05 · −2:01:05", "2 hours 1 minute 5 seconds behind live, 14:32:05"],
])("%d s behind live", (behindSec, sign, sentence) => {
  const place = { behindSec, madeUnixMs };
  expect([seekSign(place, clock), seekSentence(place, clock)]).toEqual([sign, sentence]);
  expect(isLivePlace(place)).toBe(behindSec < 2);
});

test("a playlist that says no times leaves what is known", () => {
  const place = { behindSec: 12, madeUnixMs: null };
  expect(seekSign(place, clock)).toBe("−0:12");
  expect(seekSentence(place, clock)).toBe("12 seconds behind live");
});
