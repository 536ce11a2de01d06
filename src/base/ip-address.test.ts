import { expect, test } from "vitest";
import { addressBytes, addressGroups, isWithin, lineKey, readNetwork } from "./ip-address.ts";

test.each([
  ["203.0.113.7", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["0000:0000:0000:0000:0000:ffff:cb00:7107", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:0db8:0001:0002::9", "2001:db8:1:2"],
  ["fe80::1%eth0", "fe80:0:0:0"],
  ["", ""],
  ["203.0.113", ""],
  ["203.0.113.256", ""],
  ["unknown", ""],
])("the line of %j is %j", (text, key) => {
  expect(lineKey(text)).toBe(key);
});

test.each([
  ["10.0.0.0/8", "10.255.0.1", true],
  ["10.0.0.0/8", "11.0.0.1", false],
  ["10.0.0.0/8", "::ffff:10.1.2.3", true],
  ["192.0.2.128/25", "192.0.2.127", false],
  ["192.0.2.128/25", "192.0.2.255", true],
  ["192.0.2.1", "192.0.2.1", true],
  ["192.0.2.1", "192.0.2.2", false],
  ["::ffff:192.0.2.0/120", "192.0.2.77", true],
  ["::ffff:192.0.2.0/120", "192.0.3.77", false],
  ["0.0.0.0/0", "203.0.113.7", true],
  ["0.0.0.0/0", "::1", false],
  ["::/0", "203.0.113.7", true],
  ["2001:db8::/33", "2001:db8:7fff::1", true],
  ["2001:db8::/33", "2001:db8:8000::1", false],
  ["::1", "::1", true],
  ["::1", "127.0.0.1", false],
])("whether %s has %s: %s", (network, address, isThere) => {
  expect(isWithin(addressGroups(address)!, readNetwork(network)!)).toBe(isThere);
});

test.each([
  "",
  "proxy",
  "10.0.0.0/33",
  "::/129",
  "10.0.0.0/",
  "10.0.0.0/8/8",
  "10.0.0/8",
  "fe80::1%1",
])("%j is no network", (text) => {
  expect(readNetwork(text)).toBeUndefined();
});

test("an address has its bytes in network order, what is none has none", () => {
  const hex = (text: string): string => Buffer.from(addressBytes(text)).toString("hex");
  expect(hex("203.0.113.7")).toBe("00000000000000000000ffffcb007107");
  expect(hex("2001:db8::1")).toBe("20010db8000000000000000000000001");
  expect(hex("unknown")).toBe("");
});
