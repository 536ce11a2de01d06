import { expect, test } from "vitest";
import { Bans } from "./bans.ts";

const banMs = 5 * 60_000;

test("a ban ends after five minutes, and is said to have ended once", () => {
  const bans = new Bans();
  bans.add("x", null, 0);
  expect(bans.has("x", banMs - 1)).toBe(true);
  expect(bans.takeEnded(banMs - 1)).toEqual([]);
  expect(bans.has("x", banMs)).toBe(false);
  expect(bans.takeEnded(banMs)).toEqual(["x"]);
  expect(bans.takeEnded(banMs)).toEqual([]);
});

test("who leaves banned by its address leaves the ban to one of those who come from there", () => {
  const bans = new Bans();
  bans.add("x", "flat", 0);
  bans.entered({ id: "neighbour", addressKey: "flat" }, 500);
  expect(bans.has("neighbour", 500)).toBe(false);
  bans.forget("x");
  for (const id of ["y", "z"]) bans.entered({ id, addressKey: "flat" }, 1_000);
  bans.entered({ id: "w", addressKey: "house" }, 1_000);
  expect(["w", "y", "z"].map((id) => bans.has(id, 1_000))).toEqual([false, true, false]);
  bans.forget("y");
  bans.entered({ id: "y again", addressKey: "flat" }, 2_000);
  expect(bans.has("y again", banMs - 1)).toBe(true);
  expect(bans.has("y again", banMs)).toBe(false);
});

test("a ban that does not go by the address ends when the viewer leaves", () => {
  const bans = new Bans();
  bans.add("x", null, 0);
  bans.forget("x");
  bans.entered({ id: "y", addressKey: "flat" }, 0);
  expect(bans.has("y", 0)).toBe(false);
});

test("a ban that has run out is left to nobody", () => {
  const bans = new Bans();
  bans.add("x", "flat", 0);
  bans.forget("x");
  bans.entered({ id: "y", addressKey: "flat" }, banMs);
  expect(bans.takeEnded(banMs)).toEqual([]);
});
