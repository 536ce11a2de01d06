import { expect, test } from "vitest";
import { TrustedProxies } from "./trusted-proxies.ts";
import type { UwsRequest } from "./uws.ts";

const trusted = ["10.0.0.0/8", "::1"];

function check(
  { from, forwarded }: { from: string; forwarded: readonly string[] },
  expected: string,
  networks: readonly string[] = trusted,
): void {
  const bytes = Buffer.from(from, "latin1");
  const peer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const request = {
    forEach: (take: (key: string, value: string) => void) => {
      take("host", "tv.example");
      for (const value of forwarded) take("x-forwarded-for", value);
    },
  } as UwsRequest;
  const response = { getRemoteAddressAsText: () => peer };
  expect(new TrustedProxies(networks).addressOf(response, request)).toBe(expected);
}

const viewer = "203.0.113.7";

test.each<[string, string, string[], string]>([
  ["what a trusted proxy says", "10.1.2.3", [viewer], viewer],
  ["of an IPv6 viewer", "10.1.2.3", ["2001:db8::7"], "2001:db8::7"],
  ["by an engine that maps addresses", "::ffff:10.1.2.3", [viewer], viewer],
  ["behind two trusted ones", "10.1.2.3", [`${viewer}, 10.9.9.9`], viewer],
  ["in two lines", "10.1.2.3", ["198.51.100.1", viewer], viewer],
  ["with a port", "10.1.2.3", [`${viewer}:4711`], viewer],
  ["with a port, in brackets", "::1", ["[2001:db8::7]:4711"], "2001:db8::7"],
  ["not what the viewer said itself", "10.1.2.3", [`198.51.100.1, ${viewer}`], viewer],
  ["nor when that is the proxy's own address", "10.1.2.3", [`10.1.2.3, ${viewer}`], viewer],
  ["a viewer among the proxies", "10.1.2.3", ["10.7.7.7, 10.9.9.9"], "10.7.7.7"],
  ["the proxy itself, which says nothing", "10.1.2.3", [], "10.1.2.3"],
  ["the proxy itself, of an empty header", "10.1.2.3", [" , "], "10.1.2.3"],
  ["nobody, where a trusted proxy names no address", "10.1.2.3", [`${viewer}, unknown`], ""],
])("the viewer is %s", (_, from, forwarded, expected) => {
  check({ from, forwarded }, expected);
});

test("what anybody else says of where it is counts for nothing", () => {
  check({ from: viewer, forwarded: ["198.51.100.1"] }, viewer);
  check({ from: "11.0.0.1", forwarded: ["198.51.100.1, 10.1.2.3"] }, "11.0.0.1");
  check({ from: "10.1.2.3", forwarded: ["198.51.100.1"] }, "10.1.2.3", []);
});
