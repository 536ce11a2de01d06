import { expect, test } from "vitest";
import { faultCharsMax, FaultLog, printable } from "./fault-log.ts";

test("the same words within ten minutes are one fault, counted, and the newest", () => {
  const log = new FaultLog();
  log.note("bad", "the encoder hung", 1_000);
  log.note("warning", "something else", 2_000);
  log.note("bad", "the encoder hung", 3_000);
  expect(log.recent()).toEqual([
    { level: "bad", text: "the encoder hung", count: 2, firstUnixMs: 1_000, lastUnixMs: 3_000 },
    { level: "warning", text: "something else", count: 1, firstUnixMs: 2_000, lastUnixMs: 2_000 },
  ]);
});

test("what happens again later, or is said at another level, is another fault", () => {
  const log = new FaultLog();
  log.note("bad", "gone", 0);
  log.note("good", "gone", 1);
  log.note("bad", "gone", 600_000);
  expect(log.recent().map(({ level, count }) => [level, count])).toEqual([
    ["bad", 1],
    ["good", 1],
    ["bad", 1],
  ]);
});

test("a storm of different faults keeps the newest 32", () => {
  const log = new FaultLog();
  for (let n = 0; n < 1_000; n++) log.note("bad", `fault ${n}`, n);
  expect(log.recent()).toHaveLength(32);
  expect(log.recent(1)[0]?.text).toBe("fault 999");
});

test("words are one printable line of bounded length, cut between characters", () => {
  const check = (given: string, expected: string): void => {
    expect(printable(given, faultCharsMax)).toBe(expected);
  };
  check("a\u0000b\r\n\tc\u001b[31m", "a b c [31m");
  check("left\u202eright\u2028next", "left right next");
  check("<b>&amp;</b>", "<b>&amp;</b>");
  const cut = printable("😀".repeat(200), faultCharsMax);
  expect(cut.length).toBeLessThanOrEqual(faultCharsMax);
  expect(cut).toMatch(/^(?:😀)+…$/u);
  expect(printable(cut, faultCharsMax)).toBe(cut);
});
