import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { inOrder, nodeLines } from "./log-lines.ts";
import { LogTail } from "./log-tail.ts";

const folder = mkdtempSync(join(tmpdir(), "fullhouse-logs-"));
afterAll(() => rmSync(folder, { recursive: true }));

const line = (sec: number, more: object = {}) =>
  JSON.stringify({ time: `2026-11-28T20:00:0${sec}.000Z`, ...more });

test("lines of several nodes come by time, and a trace stays behind the line it follows", () => {
  const edge = nodeLines([line(1), "Error: x", "    at y", "", line(4)]);
  const origin = nodeLines([line(2), line(3)]);
  expect(inOrder([edge, origin]).map(({ text }) => text)).toEqual([
    ...[line(1), "Error: x", "    at y", line(2), line(3), line(4)],
  ]);
});

test("a line belongs to its request and to the fill it waited for", () => {
  const [one] = nodeLines([line(1, { requestId: "a-1", fillId: "b-2" })]);
  expect(one!.ids).toEqual(["a-1", "b-2"]);
  expect(nodeLines(['{"requestId":'])[0]!.ids).toEqual([]);
});

test("a log is read on from where it was, across the change to a new file, half lines when whole", () => {
  const path = join(folder, "edge.log");
  writeFileSync(`${path}.1`, "older\n");
  writeFileSync(path, "old\nhä");
  const tail = new LogTail(path);
  expect(tail.read()).toEqual(["older", "", "old"]);
  expect(tail.read()).toEqual([]);
  appendFileSync(path, "lf\nlast of it\n");
  renameSync(path, `${path}.1`);
  expect(tail.read()).toEqual(["hälf", "last of it"]);
  writeFileSync(path, "first of the next\n");
  expect(tail.read()).toEqual(["first of the next"]);
  tail.close();
});

test("a log that is not there yet is read once it is", () => {
  const path = join(folder, "late.log");
  const tail = new LogTail(path);
  expect(tail.read()).toEqual([]);
  writeFileSync(path, "a\n");
  expect(tail.read()).toEqual(["a"]);
  tail.close();
});
