import { expect, test } from "vitest";
import { readTrace, RequestIds, traceHeaders } from "./request-trace.ts";

test("what is written as headers is read as the same trace", () => {
  for (const trace of [
    { id: new RequestIds().next(), sampled: true },
    { id: "A-z-0-9", sampled: false },
  ]) {
    expect(readTrace(traceHeaders(trace))).toEqual(trace);
  }
});

test.each([
  ["", "empty"],
  ["x".repeat(65), "too long"],
  ['a"b', "a quote"],
  ["a b", "a space"],
  ["a\nb", "a line break"],
  ["a, b", "two headers, as Node joins them"],
  ["\u001b[2J", "a terminal's command"],
  ["ä", "not ASCII"],
])("%j is no request id: %s", (id) => {
  expect(readTrace({ "x-request-id": id })).toBeUndefined();
});

test("only 1 asks for lines, and nothing does without an id", () => {
  expect(readTrace({ "x-request-id": "a", "x-request-sampled": "true" })?.sampled).toBe(false);
  expect(readTrace({ "x-request-sampled": "1" })).toBeUndefined();
});

test("ids differ within a process and between processes, and are of the grammar", () => {
  const [one, other] = [new RequestIds(), new RequestIds()];
  const ids = [one.next(), one.next(), other.next(), other.next()];
  expect(new Set(ids).size).toBe(4);
  for (const id of ids) expect(readTrace({ "x-request-id": id })?.id).toBe(id);
});
