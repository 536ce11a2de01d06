import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AppError } from "../../src/base/errors.ts";
import { openFeedCounters, type FeedCounters } from "./feed-counters.ts";

const unixMs = Date.UTC(2026, 10, 22);
const unixSec = unixMs / 1000;
const unixDays = unixSec / 86_400;

let stateDir: string;
let path: string;
const writeErrors: unknown[] = [];

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "fullhouse-counters-"));
  path = join(stateDir, "feed-main.json");
  writeErrors.length = 0;
});
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

function open(over: { stateDir?: string; unixMs?: number } = {}): FeedCounters {
  return openFeedCounters({
    stateDir: over.stateDir ?? stateDir,
    feed: "main",
    clock: { nowMs: () => 0, unixMs: () => over.unixMs ?? unixMs },
    log: pino({ level: "silent" }),
    onWriteError: (error) => writeErrors.push(error),
  });
}

function saved(): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

test("without a file, epoch and MSN begin at Unix seconds", () => {
  const counters = open();
  expect(counters.continued).toBe(false);
  expect(counters.beginEpoch(unixDays)).toBe(unixSec + 1);
  expect([counters.takeMsn(), counters.takeMsn()]).toEqual([unixSec, unixSec + 1]);
  expect(saved()).toEqual({
    epoch: unixSec + 1,
    msn: unixSec + 1000,
    discontinuitySequence: unixDays,
  });
});

test("a block of MSNs is on disk before its first is used", () => {
  const counters = open();
  const reserved = (): number => (saved() as { msn: number }).msn;
  for (let i = 0; i < 2500; i++) expect(counters.takeMsn()).toBeLessThan(reserved());
  expect(counters.takeMsn()).toBe(unixSec + 2500);
});

test("after a crash the next run begins past the reserved block, after a good end right behind", () => {
  const crashed = open();
  crashed.beginEpoch(unixDays + 4);
  crashed.takeMsn();
  const next = open({ unixMs: unixMs - 86_400_000 });
  expect(next.continued).toBe(true);
  expect([next.epoch, next.discontinuitySequence]).toEqual([unixSec + 1, unixDays + 4]);
  expect(next.beginEpoch(unixDays)).toBe(unixSec + 2);
  expect(next.takeMsn()).toBe(unixSec + 1000);
  expect(next.discontinuitySequence).toBe(unixDays + 4);
  next.close();
  expect(open().takeMsn()).toBe(unixSec + 1001);
});

test.each([
  ["half a file", '{"epoch": 1, "msn": 2'],
  ["nothing", ""],
  ["a missing counter", '{"epoch": 1, "msn": 2}'],
  ["a negative counter", '{"epoch": 1, "msn": -2, "discontinuitySequence": 0}'],
  ["a fraction", '{"epoch": 1.5, "msn": 2, "discontinuitySequence": 0}'],
])("a state file with %s is moved aside, and numbers begin at the clock", (_name, text) => {
  writeFileSync(path, text);
  const counters = open();
  expect(counters.takeMsn()).toBe(unixSec);
  expect(readFileSync(`${path}.corrupt`, "utf8")).toBe(text);
});

test("a clock that was never set is refused when there is no file", () => {
  expect(() => open({ unixMs: 1000 })).toThrow("set the clock");
  expect(existsSync(path)).toBe(false);
});

test("a state folder that cannot be used fails at the start, with its name", () => {
  writeFileSync(join(stateDir, "occupied"), "");
  const inFile = join(stateDir, "occupied", "below");
  expect(() => open({ stateDir: inFile })).toThrow(AppError);
  mkdirSync(path);
  expect(() => open()).toThrow(path);
});

test("a write that fails later is reported, and the numbers go on", () => {
  const counters = open();
  const first = counters.takeMsn();
  rmSync(stateDir, { recursive: true });
  for (let i = 1; i < 1500; i++) expect(counters.takeMsn()).toBe(first + i);
  expect(writeErrors.length).toBeGreaterThan(0);
  mkdirSync(stateDir);
  chmodSync(stateDir, 0o700);
  expect(counters.takeMsn()).toBeLessThan((saved() as { msn: number }).msn);
  rmSync(path);
  counters.close();
  expect(saved()).toMatchObject({ msn: first + 1501 });
});

test("a disk that is full from the start on makes no crash use an MSN twice", () => {
  const crashed = open();
  rmSync(stateDir, { recursive: true });
  const onDisk = { epoch: unixSec, msn: unixSec + 1000, discontinuitySequence: unixDays };
  crashed.beginEpoch(unixDays);
  const used = crashed.takeMsn();
  expect(writeErrors.length).toBe(2);
  mkdirSync(stateDir);
  writeFileSync(path, JSON.stringify(onDisk));
  expect(open().takeMsn()).toBeGreaterThan(used);
});
