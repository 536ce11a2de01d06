import { describe, expect, test } from "vitest";
import { addressCountMax, KeyBackoff, networkOf } from "./key-backoff.ts";

const guesser = "192.0.2.1";

/** How long the answer to the last of so many wrong keys is held back. */
function delayAfter(count: number, { backoff = new KeyBackoff(), nowMs = 0 } = {}): number {
  let delayMs = 0;
  for (let i = 0; i < count; i++) delayMs = backoff.wrongKey(guesser, nowMs);
  return delayMs;
}

describe("an address that gives wrong keys", () => {
  test.each([
    [1, 0],
    [4, 0],
    [5, 1_000],
    [6, 2_000],
    [7, 4_000],
    [8, 8_000],
    [500, 8_000],
  ])("waits for the answer to the %ith %i ms", (count, delayMs) => {
    expect(delayAfter(count)).toBe(delayMs);
  });

  test("starts anew after a right key, or ten minutes", () => {
    const backoff = new KeyBackoff();
    expect(delayAfter(9, { backoff })).toBe(8_000);
    backoff.rightKey(guesser);
    expect(delayAfter(1, { backoff })).toBe(0);
    expect(delayAfter(8, { backoff })).toBe(8_000);
    expect(delayAfter(1, { backoff, nowMs: 600_000 })).toBe(0);
  });

  test("does not make others wait", () => {
    const backoff = new KeyBackoff();
    delayAfter(9, { backoff });
    expect(backoff.wrongKey("192.0.2.2", 0)).toBe(0);
  });
});

test("remembers a bounded number of addresses, the latest ones", () => {
  const backoff = new KeyBackoff();
  delayAfter(9, { backoff });
  for (let i = 0; i < addressCountMax; i++) backoff.wrongKey(`10.0.${i >> 8}.${i & 255}`, 1);
  expect(backoff.addressCount).toBe(addressCountMax);
  expect(backoff.wrongKey(guesser, 1)).toBe(0);
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
