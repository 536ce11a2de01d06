import { beforeEach, expect, test } from "vitest";
import { perMinute, SocketAddresses, type Addressed } from "./socket-addresses.ts";

let addresses: SocketAddresses<Addressed>;

beforeEach(() => {
  addresses = new SocketAddresses({
    addressSocketCountMax: 3,
    introductions: perMinute(6),
    addressIntroductions: perMinute(10),
  });
});

function viewer(addressKey: string): Addressed {
  return { addressKey, introductionsLeft: { left: 6, sinceMs: 0 } };
}

/** How many of so many others the viewer meets, one after another. */
function meets(one: Addressed, others: readonly Addressed[], nowMs: number): number {
  const met = others.filter((other) => {
    if (!addresses.mayMeet(one, other, nowMs)) return false;
    addresses.met(one, other, nowMs);
    return true;
  });
  return met.length;
}

function many(count: number, addressOf: (index: number) => string): Addressed[] {
  return Array.from({ length: count }, (_, index) => viewer(addressOf(index)));
}

test("an address has so many sockets and no more, whoever else comes", () => {
  const own = many(3, () => "a");
  for (const one of own) {
    expect(addresses.isFull("a")).toBe(false);
    addresses.add(one);
  }
  expect(addresses.isFull("a")).toBe(true);
  expect(addresses.isFull("b")).toBe(false);
  addresses.remove(own[1]!);
  expect(addresses.isFull("a")).toBe(false);
});

test("the address that has most makes room, by who came last, and not for one of its own", () => {
  const own = many(3, () => "a");
  for (const one of own) addresses.add(one);
  expect(addresses.giveWay("a", 0)).toBeUndefined();
  expect(addresses.giveWay("b", 0)).toBe(own[2]);
});

test("a viewer meets so many at once, then so many a minute, whatever it does", () => {
  const one = viewer("a");
  expect(
    meets(
      one,
      many(20, (index) => `b${index}`),
      0,
    ),
  ).toBe(6);
  expect(
    meets(
      one,
      many(20, (index) => `c${index}`),
      20_000,
    ),
  ).toBe(2);
});

test("a viewer whom others meet is bounded as one who meets others", () => {
  const lure = viewer("a");
  const victims = many(20, (index) => `b${index}`);
  expect(victims.filter((victim) => meets(victim, [lure], 0) === 1)).toHaveLength(6);
});

test("viewers of one address meet so many elsewhere, also when they come again; among themselves any", () => {
  const elsewhere = many(40, (index) => `b${index}`);
  expect(meets(viewer("a"), elsewhere, 0)).toBe(6);
  expect(meets(viewer("a"), elsewhere, 0)).toBe(4);
  addresses.expire(0);
  expect(meets(viewer("a"), elsewhere.slice(20), 0)).toBe(0);
  expect(
    meets(
      viewer("a"),
      many(6, () => "a"),
      0,
    ),
  ).toBe(6);
  addresses.expire(60_000);
  expect(
    meets(
      viewer("a"),
      many(6, (index) => `c${index}`),
      60_000,
    ),
  ).toBe(6);
});
