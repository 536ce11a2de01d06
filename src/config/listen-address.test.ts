import { expect, test } from "vitest";
import { isLoopbackHost, parseListenAddress, type ListenAddress } from "./listen-address.ts";

function check(input: string, expected: ListenAddress | undefined): void {
  expect(parseListenAddress(input), input).toEqual(expected);
}

test("a listen address is a host and a port", () => {
  check("127.0.0.1:8080", { host: "127.0.0.1", port: 8080 });
  check("0.0.0.0:0", { host: "0.0.0.0", port: 0 });
  check("[::1]:65535", { host: "::1", port: 65_535 });
  check("edge-1.example:80", { host: "edge-1.example", port: 80 });
});

test("anything else is refused", () => {
  for (const text of ["", "8080", ":8080", "host", "host:", "host:65536", "::1:80", "a b:1"]) {
    check(text, undefined);
  }
});

test("only addresses of this machine are loopback", () => {
  expect(["127.0.0.1", "127.8.9.1", "::1", "localhost"].every(isLoopbackHost)).toBe(true);
  expect(["0.0.0.0", "::", "10.0.0.1", "127.example.com", "1127.0.0.1"].some(isLoopbackHost)).toBe(
    false,
  );
});
