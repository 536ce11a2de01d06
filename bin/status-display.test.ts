import { expect, test } from "vitest";
import { StatusDisplay } from "./status-display.ts";

function display(isTTY: boolean) {
  let output = "";
  const clock = { nowMs: 0 };
  const target = { isTTY, columns: 20, write: (text: string) => (output += text) };
  return {
    display: new StatusDisplay(target, () => clock.nowMs),
    clock,
    output: () => output,
  };
}

test("on a terminal one line is drawn over itself, below the lines that stay", () => {
  const { display: shown, output } = display(true);
  shown.show({ line: "one", key: "a" });
  shown.show({ line: "two", key: "a" });
  shown.say("edge-1 is back");
  shown.end();
  expect(output()).toBe("one\r\u001b[Ktwo\r\u001b[Kedge-1 is back\ntwo\r\u001b[K");
});

test("a line too long for the terminal is cut, so that it can be drawn over", () => {
  const { display: shown, output } = display(true);
  shown.show({ line: "x".repeat(50), key: "a" });
  expect(output()).toBe("x".repeat(19));
});

test("a plain log gets a line on change and every ten seconds", () => {
  const { display: shown, clock, output } = display(false);
  shown.show({ line: "one", key: "a" });
  clock.nowMs = 2_000;
  shown.show({ line: "two", key: "a" });
  clock.nowMs = 4_000;
  shown.show({ line: "three", key: "b" });
  clock.nowMs = 13_999;
  shown.show({ line: "four", key: "b" });
  clock.nowMs = 14_000;
  shown.show({ line: "five", key: "b" });
  expect(output()).toBe("one\nthree\nfive\n");
});
