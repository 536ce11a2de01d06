import { expect, test, vi } from "vitest";
import { CapturedLog } from "./testing/captured-log.ts";

test("a flood of warnings ends at 100 lines a second, and the next second says how many are missing", () => {
  vi.useFakeTimers({ toFake: ["performance"], now: 0 });
  const captured = new CapturedLog();
  for (let i = 0; i < 5_000; i++) captured.log.warn({ client: i }, "somebody knocks");
  expect(captured.texts).toHaveLength(100);
  vi.advanceTimersByTime(1_000);
  captured.log.info("later");
  expect(captured.lines.slice(100)).toMatchObject([
    { leftOut: 4_900, msg: "log lines were left out" },
    { msg: "later" },
  ]);
  vi.useRealTimers();
});

test("a last word is written whatever went before, and a developer's lines are not bounded", () => {
  const captured = new CapturedLog({ level: "debug" });
  for (let i = 0; i < 500; i++) captured.log.warn("flood");
  const before = captured.texts.length;
  for (let i = 0; i < 500; i++) captured.log.debug("detail");
  captured.log.fatal("the end");
  expect(captured.texts.length - before).toBe(501);
});

test("what peers choose cannot begin a line of its own", () => {
  const captured = new CapturedLog();
  captured.log.warn({ encoder: 'x\n{"level":60,"msg":"forged"}' }, "a\r\nb\u2028c");
  expect(captured.texts).toHaveLength(1);
  expect(captured.texts[0]!.trimEnd()).not.toMatch(/[\n\r]/);
});
