import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Config } from "../config/schema.ts";
import { parsePath } from "../hls/path.ts";
import { AccessLog, reasonFor, type AccessReason } from "./access-log.ts";
import { CapturedLog } from "./testing/captured-log.ts";

const settings: Config["log"] = {
  accessSample: 1_000,
  accessLinesPerSec: 10,
  slowMs: 2_000,
  clientAddress: "truncated",
};

/** Longest viewer token; it must not show anywhere. */
const segment = parsePath(`/t/${"s3cret".padEnd(256, "x")}/live/main/750/7-1234.m4s`)!;

function start(values: Partial<Config["log"]> = {}) {
  const captured = new CapturedLog({ accessLinesPerSec: 1_000 });
  const clock = { nowMs: 0 };
  const all = { ...settings, ...values };
  const access = new AccessLog({ log: captured.log, settings: all, nowMs: () => clock.nowMs });
  const respond = (reason: AccessReason): void =>
    access.response(reason, {
      ...{ path: segment, status: 502, outcome: "badGateway", end: "done" as const, bytes: 18 },
      ...{ durationMs: 12.4, firstByteMs: 11.6, requestId: "r-1", fillId: "f-1" },
      client: "203.0.113.0/24",
    });
  return { captured, clock, access, respond };
}

test("a line has the fields of docs/logs.md and nothing else", () => {
  const { captured, respond } = start();
  respond("failure");
  const [{ time, ...line }] = captured.lines as [Record<string, unknown>];
  expect(time).toMatch(/^\d{4}-.*Z$/);
  expect(line).toEqual({
    level: 30,
    node: "test",
    reason: "failure",
    requestId: "r-1",
    kind: "segment",
    feed: "main",
    rung: "750",
    epoch: 7,
    msn: 1_234,
    status: 502,
    outcome: "badGateway",
    bytes: 18,
    durationMs: 12,
    firstByteMs: 12,
    end: "done",
    fillId: "f-1",
    client: "203.0.113.0/24",
    msg: "response",
  });
});

test("a fill names its parent, and what there is none of is left out", () => {
  const { captured, access } = start();
  access.fill("traced", {
    ...{ path: parsePath("/live/main/status.json"), status: 0, outcome: "connection", bytes: 0 },
    ...{ durationMs: 3, firstByteMs: -1, requestId: "r-1", parent: "shield:8090" },
  });
  const [line] = captured.lines as [Record<string, unknown>];
  expect(line).toEqual({
    time: line["time"],
    ...{ level: 30, node: "test", reason: "traced", requestId: "r-1", kind: "status" },
    ...{ feed: "main", status: 0, outcome: "connection", bytes: 0, durationMs: 3 },
    ...{ parent: "shield:8090", msg: "fill" },
  });
});

test("docs/logs.md says what each field is", () => {
  const { captured, access, respond } = start();
  respond("sample");
  access.fill("failure", {
    ...{ path: segment, status: 0, outcome: "connection", bytes: 0, durationMs: 3 },
    ...{ firstByteMs: 1, requestId: "r-1", parent: "shield:8090" },
  });
  for (let i = 0; i < 50; i++) respond("failure");
  access.close();
  const page = readFileSync(join(import.meta.dirname, "../../docs/logs.md"), "utf8");
  const documented = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  const written = new Set(captured.lines.flatMap((line) => Object.keys(line)));
  expect(written.size).toBe(22);
  expect(documented).toEqual(expect.arrayContaining([...written]));
});

test.each([
  [1_000, 10_000, 10],
  [1, 50, 50],
  [7, 20, 2],
  [0, 5_000, 0],
])("one in %i of %i requests is sampled: %i", (accessSample, requestCount, expected) => {
  const { access } = start({ accessSample });
  let sampledCount = 0;
  for (let i = 0; i < requestCount; i++) if (access.sampled()) sampledCount += 1;
  expect(sampledCount).toBe(expected);
});

test("without access lines nothing is sampled and no failure is written", () => {
  const { access, captured, respond } = start({ accessSample: 1, accessLinesPerSec: 0 });
  expect(access.sampled()).toBe(false);
  respond("failure");
  expect(captured.texts).toEqual([]);
});

test("a flood of either kind takes half the lines of a second and leaves the rest to the other", () => {
  const { captured, clock, respond } = start();
  const counts = (): number[] =>
    ["failure", "sample"].map((r) => captured.lines.filter(({ reason }) => reason === r).length);
  for (let i = 0; i < 500; i++) respond("failure");
  expect(counts()).toEqual([5, 0]);
  for (let i = 0; i < 500; i++) respond("sample");
  expect(counts()).toEqual([5, 5]);
  clock.nowMs = 999;
  respond("failure");
  expect(counts()).toEqual([5, 5]);
  clock.nowMs = 1_000;
  for (let i = 0; i < 500; i++) respond("sample");
  expect(counts()).toEqual([5, 10]);
});

test("what is left out is said once a minute, and the rest at the end", () => {
  const { captured, clock, access, respond } = start();
  for (let i = 0; i < 105; i++) respond("failure");
  for (let i = 0; i < 7; i++) respond("slow");
  const said = (): unknown[] =>
    captured.said("access lines were left out").map(({ leftOut }) => leftOut);
  for (clock.nowMs = 0; clock.nowMs < 59_000; clock.nowMs += 1_000) access.tick(clock.nowMs);
  expect(said()).toEqual([]);
  access.tick(60_000);
  access.tick(61_000);
  expect(said()).toEqual([{ failures: 100, others: 2 }]);
  access.tick(120_000);
  expect(said()).toHaveLength(1);
  clock.nowMs = 130_000;
  for (let i = 0; i < 6; i++) respond("failure");
  access.close();
  access.close();
  expect(said().slice(1)).toEqual([{ failures: 1, others: 0 }]);
});

test("a failure is one before it is slow, slow before it is a sample, the node's own before another's", () => {
  const all = { failed: true, slow: true, sampled: true, traced: true };
  expect(reasonFor(all)).toBe("failure");
  expect(reasonFor({ ...all, failed: false })).toBe("slow");
  expect(reasonFor({ ...all, failed: false, slow: false })).toBe("sample");
  expect(reasonFor({ failed: false, slow: false, sampled: false, traced: true })).toBe("traced");
  const none = { failed: false, slow: false, sampled: false, traced: false };
  expect(reasonFor(none)).toBeUndefined();
});
