import { expect, test } from "vitest";
import { qoeCountBounds } from "./qoe-report.ts";
import { readQoe } from "./read-qoe.ts";
import { beacon } from "./testing/beacon.ts";

function check(change: Record<string, unknown>, expected: "taken" | "refused") {
  const text = JSON.stringify({ ...beacon(), ...change });
  expect(readQoe(text) === null ? "refused" : "taken", text).toBe(expected);
}

test("a beacon is read as it was written, with its optional readings and without", () => {
  const full = { ...beacon(), startupMs: 812, latencyMs: 12_400 };
  expect(readQoe(JSON.stringify(full))).toEqual(full);
  expect(readQoe(JSON.stringify(beacon()))).toEqual(beacon());
});

test("each count has a bound, is whole, and must be there", () => {
  for (const [key, max] of Object.entries(qoeCountBounds)) {
    check({ [key]: max }, "taken");
    for (const wrong of [max + 1, -1, 0.5, "1", null, undefined])
      check({ [key]: wrong }, "refused");
  }
});

test("readings may be missing, and are bounded", () => {
  check({ startupMs: 0, latencyMs: 600_000 }, "taken");
  check({ startupMs: 600_001 }, "refused");
  check({ latencyMs: -3 }, "refused");
  check({ latencyMs: null }, "refused");
});

test("names are of our grammar, and there are no keys but ours", () => {
  check({ sid: "a".repeat(64) }, "taken");
  check({ sid: "a".repeat(65) }, "refused");
  check({ sid: 'a"b' }, "refused");
  check({ feed: "Main" }, "refused");
  check({ face: "dancing" }, "refused");
  check({ v: 2 }, "refused");
  check({ extra: 1 }, "refused");
});

test("what is no object of JSON is no beacon", () => {
  for (const text of ["", "null", "[]", "1", '"v"', "{", "{}", '{"v":1}']) {
    expect(readQoe(text), text).toBeNull();
  }
  expect(readQoe(`${"[".repeat(1_000)}${"]".repeat(1_000)}`)).toBeNull();
});
