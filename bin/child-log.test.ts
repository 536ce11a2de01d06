import { expect, test } from "vitest";
import { consoleLine, LineBudget } from "./child-log.ts";

function check(input: string, expected: string | undefined): void {
  expect(consoleLine("origin", input), input).toBe(expected);
}

test("warnings and errors are shown as one line, the rest goes to the file", () => {
  check('{"level":30,"msg":"listening"}', undefined);
  check('{"level":40,"msg":"wrong key from 10.0.0.9"}', "origin: wrong key from 10.0.0.9");
  check('{"level":60,"msg":"uncaught","err":{"message":"boom"}}', "origin: uncaught: boom");
  check("", undefined);
});

test("what is no log line is shown as it is", () => {
  check("Error: boom", "origin: Error: boom");
  check('{"level":40,"msg":"cut', 'origin: {"level":40,"msg":"cut');
  check('{"level":"x"}', 'origin: {"level":"x"}');
});

test("no control character reaches the terminal", () => {
  check('{"level":40,"msg":"key \\u001b[2J\\u0007\\r"}', "origin: key ?[2J??");
});

test("a noisy child is cut short, and heard again later", () => {
  const budget = new LineBudget();
  const verdicts = Array.from({ length: 14 }, () => budget.take(0));
  expect(verdicts.slice(10)).toEqual(["show", "last", "drop", "drop"]);
  expect(budget.take(9_999)).toBe("drop");
  expect(budget.take(10_000)).toBe("show");
});
