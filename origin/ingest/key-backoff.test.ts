import { describe, expect, test } from "vitest";
import { addressCountMax, KeyBackoff, networkOf } from "./key-backoff.ts";

const guesser = "192.0.2.1";

function afterWrongKeys(count: number, nowMs = 0): KeyBackoff {
  const backoff = new KeyBackoff();
  for (let i = 0; i < count; i++) backoff.wrongKey(guesser, nowMs);
  return backoff;
}

describe("an address that guesses keys", () => {
  test.each([
    [0, 0],
    [3, 0],
    [4, 2_000],
    [5, 4_000],
    [6, 8_000],
    [9, 60_000],
    [500, 60_000],
  ])("waits, after %i wrong keys, %i ms", (count, waitMs) => {
    expect(afterWrongKeys(count).waitMs(guesser, 0)).toBe(waitMs);
  });

  test("is heard again when the wait is over", () => {
    const backoff = afterWrongKeys(4);
    expect(backoff.waitMs(guesser, 1_999)).toBe(1);
    expect(backoff.waitMs(guesser, 2_000)).toBe(0);
  });

  test("starts anew after a right key, or ten minutes", () => {
    const right = afterWrongKeys(9);
    right.rightKey(guesser);
    expect(right.waitMs(guesser, 0)).toBe(0);
    const forgotten = afterWrongKeys(9);
    forgotten.wrongKey(guesser, 600_000);
    expect(forgotten.waitMs(guesser, 600_000)).toBe(0);
  });

  test("does not make others wait", () => {
    expect(afterWrongKeys(9).waitMs("192.0.2.2", 0)).toBe(0);
  });
});

test("remembers a bounded number of addresses, the latest ones", () => {
  const backoff = afterWrongKeys(9);
  for (let i = 0; i < addressCountMax; i++) backoff.wrongKey(`10.0.${i >> 8}.${i & 255}`, 1);
  expect(backoff.addressCount).toBe(addressCountMax);
  expect(backoff.waitMs(guesser, 1)).toBe(0);
});

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
  ["2001:db8::9", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
])("the network of %s is %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});
