import { expect, test } from "vitest";
import { prettyFormat } from "./pretty-log.ts";

const entry = {
  level: 40,
  time: "2026-11-28T20:00:00.000Z",
  tier: "edge",
  node: "edge-1",
  parent: "127.0.0.1:8090",
  msg: "a parent failed",
};
const plain = prettyFormat({ colorize: false });

test("a line for people has time, level, node, words and fields", () => {
  const text = plain(`${JSON.stringify(entry)}\n`);
  expect(text).toMatch(
    /^\[\d\d:\d\d:\d\d\.000\] WARN: edge-1 a parent failed \{"parent":"127\.0\.0\.1:8090"\}\n$/,
  );
});

test("colour is only where it is asked for", () => {
  const coloured = prettyFormat({ colorize: true })(JSON.stringify(entry));
  expect(coloured).toContain("\u001b[");
  expect(plain(JSON.stringify(entry))).not.toContain("\u001b");
});

test.each([
  { ...entry, msg: "x\u001b[2J\u0007\nforged" },
  { ...entry, client: "\u009b31m\r\n[20:00:00.000] INFO: forged" },
  { ...entry, "a\u001b[2Jkey": { deep: ["\u001b]0;title\u0007"] } },
])("no control character of a peer's words reaches the terminal: %j", (hostile) => {
  const text = plain(JSON.stringify(hostile));
  expect(text.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
});

test("an error shows its stack over several lines, none of which begins as a log line does", () => {
  const stack = "Error: a\n[20:00:00.000] INFO: forged\n    at x.ts:1";
  const text = plain(JSON.stringify({ ...entry, err: { type: "Error", message: "a", stack } }));
  expect(text).toContain("at x.ts:1");
  expect(text.split("\n").filter((line) => line.startsWith("["))).toHaveLength(1);
});

test.each(["not json", '{"cut":', "\u001b[2Jtrace"])(
  "what is no log line is shown as it is",
  (line) => {
    expect(plain(`${line}\n`)).toBe(`${line.replace("\u001b", "?")}\n`);
  },
);
