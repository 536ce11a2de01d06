import { beforeEach, expect, test } from "vitest";
import { CapturedLog } from "../../src/node/testing/captured-log.ts";
import { hostAddressCountMax, systemResolve, TurnAddresses } from "./turn-addresses.ts";

let nowMs: number;
let log: CapturedLog;
/** What the name leads to; undefined: nobody says. */
let found: readonly string[] | undefined;
let asked: string[];

beforeEach(() => {
  nowMs = 1_000;
  log = new CapturedLog();
  found = ["198.51.100.1"];
  asked = [];
});

function newAddresses(urls: string[], relayAddresses: string[] = []): TurnAddresses {
  return new TurnAddresses({
    urls,
    relayAddresses,
    resolve: (host) => {
      asked.push(host);
      return found === undefined ? Promise.reject(new Error("ENOTFOUND")) : Promise.resolve(found);
    },
    nowMs: () => nowMs,
    log: log.log,
  });
}

test.each([
  ["turn:turn.example.org"],
  ["turn:turn.example.org:3478"],
  ["turns:turn.example.org:443?transport=tcp"],
])(
  "%s relays from the addresses of its host once they are known, and from no others",
  async (url) => {
    found = ["198.51.100.1", "2001:db8::1"];
    const addresses = newAddresses([url]);
    expect(addresses.has("198.51.100.1")).toBe(false);
    await addresses.lookUp();
    expect(asked).toEqual(["turn.example.org"]);
    const asks = ["198.51.100.1", "2001:db8:0:0:0:0:0:1", "198.51.100.2", "2001:db8:0:0:0:0:0:2"];
    expect(asks.map((address) => addresses.has(address))).toEqual([true, true, false, false]);
  },
);

test("addresses need no look-up, two URLs of a host one, and STUN servers relay nothing", async () => {
  const addresses = newAddresses([
    "turn:198.51.100.7:3478",
    "turns:[2001:db8::7]:5349",
    "stun:198.51.100.8",
    "stun:stun.example.org",
    "turn:one.example.org",
    "turn:one.example.org?transport=tcp",
  ]);
  const asks = ["198.51.100.7", "2001:db8:0:0:0:0:0:7", "198.51.100.8"];
  expect(asks.map((address) => addresses.has(address))).toEqual([true, true, false]);
  await addresses.lookUp();
  expect(asked).toEqual(["one.example.org"]);
});

test("where a server relays from others than its host's, those that are configured count too", () => {
  const addresses = newAddresses(["turn:198.51.100.7"], ["203.0.113.16/28", "2001:db8:5::9"]);
  const pool = ["203.0.113.16", "203.0.113.31", "203.0.113.15", "203.0.113.32"];
  expect(pool.map((address) => addresses.has(address))).toEqual([true, true, false, false]);
  expect(addresses.has("2001:db8:5:0:0:0:0:9")).toBe(true);
  expect(addresses.has("198.51.100.7")).toBe(true);
});

test("a name that leads elsewhere each time counts for what it led to within the hour", async () => {
  const addresses = newAddresses(["turn:pool.example.org"]);
  await addresses.lookUp();
  found = ["198.51.100.2"];
  nowMs += 3_000_000;
  await addresses.lookUp();
  const both = () => ["198.51.100.1", "198.51.100.2"].map((address) => addresses.has(address));
  expect(both()).toEqual([true, true]);
  nowMs += 600_001;
  expect(both()).toEqual([false, true]);
});

test("a look-up that fails takes nothing away, and is said once until one succeeds", async () => {
  const addresses = newAddresses(["turn:turn.example.org"]);
  await addresses.lookUp();
  found = undefined;
  for (let i = 0; i < 5; i++) await addresses.lookUp();
  expect([addresses.has("198.51.100.1"), log.lines.length]).toEqual([true, 1]);
  expect(log.lines[0]).toMatchObject({ level: 40, host: "turn.example.org" });
  found = ["198.51.100.1"];
  await addresses.lookUp();
  found = undefined;
  await addresses.lookUp();
  expect(log.lines).toHaveLength(2);
});

test("names are looked up as the system does, and those that lead nowhere reject", async () => {
  const found = await systemResolve("localhost");
  expect(found.some((address) => address === "127.0.0.1" || address === "::1")).toBe(true);
  // RFC 6761: never a name.
  await expect(systemResolve("nowhere.invalid")).rejects.toThrow();
});

test("one look-up at a time, and a bounded number of addresses, whatever the name leads to", async () => {
  const addresses = newAddresses(["turn:turn.example.org"]);
  await Promise.all([addresses.lookUp(), addresses.lookUp()]);
  expect(asked).toHaveLength(1);
  const of = (n: number): string => `198.18.${n >> 8}.${n & 255}`;
  for (let round = 0; round < 5; round++) {
    found = ["no address", ...Array.from({ length: 40 }, (_, i) => of(40 * round + i))];
    await addresses.lookUp();
  }
  const kept = Array.from({ length: 200 }, (_, n) => n).filter((n) => addresses.has(of(n)));
  expect(kept).toEqual(Array.from({ length: hostAddressCountMax }, (_, i) => 136 + i));
});
