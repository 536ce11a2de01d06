import { expect, test } from "vitest";
import { shownAddress } from "./shown-address.ts";

test.each([
  ["203.0.113.77", "203.0.113.0/24", "203.0.113.77"],
  ["::ffff:203.0.113.77", "203.0.113.0/24", "203.0.113.77"],
  // As the engine of the viewer port writes a mapped address.
  ["0000:0000:0000:0000:0000:ffff:cb00:714d", "203.0.113.0/24", "203.0.113.77"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1::/48", "2001:db8:1:2:3:4:5:6"],
  ["2001:0db8:0001:0002:0003:0004:0005:0006", "2001:db8:1::/48", "2001:db8:1:2:3:4:5:6"],
  ["2001:db8::6", "2001:db8:0::/48", "2001:db8:0:0:0:0:0:6"],
  ["fe80::1%eth0", "fe80:0:0::/48", "fe80:0:0:0:0:0:0:1"],
  ["::1", "0:0:0::/48", "0:0:0:0:0:0:0:1"],
])("%s is shown as its network or in full", (text, truncated, full) => {
  expect(shownAddress(text, "truncated")).toBe(truncated);
  expect(shownAddress(text, "full")).toBe(full);
  expect(shownAddress(text, "none")).toBe("");
});

test.each([
  "",
  "unknown",
  "1.2.3",
  "1.2.3.256",
  "1.2.3.4.5",
  ":::",
  "1::2::3",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "g::1",
  "a\nb",
  `::${"1".repeat(60)}`,
])("%j is no address and shows nothing", (text) => {
  expect(shownAddress(text, "full")).toBe("");
  expect(shownAddress(text, "truncated")).toBe("");
});
