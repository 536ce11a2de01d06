import { expect, test } from "vitest";
import { passableCandidate } from "./candidate-filter.ts";

const mdns = "33770bff-f318-487c-9073-313f26457efc.local";

interface Case {
  address?: string;
  /** Where a TURN server relays from. */
  relay?: string;
  candidate: string;
  passed: string | undefined;
}

function check({ address = "203.0.113.7", relay, candidate, passed }: Case): void {
  const isRelay = (asked: string): boolean => asked === relay;
  expect(passableCandidate(candidate, { address, isRelay })).toBe(passed);
}

test("an mDNS name passes, without what tells of the sender's network", () => {
  check({
    candidate: `candidate:456 1 udp 2113937151 ${mdns} 39038 typ host generation 0 ufrag Lta1 network-id 3 network-cost 999`,
    passed: `candidate:456 1 udp 2113937151 ${mdns} 39038 typ host ufrag Lta1`,
  });
});

test.each([
  ["203.0.113.7", "203.0.113.7", "203.0.113.7"],
  // As uWebSockets.js and Node write a mapped one.
  ["0000:0000:0000:0000:0000:ffff:cb00:7107", "203.0.113.7", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7", "203.0.113.7"],
  ["203.0.113.7", "::ffff:cb00:7107", "203.0.113.7"],
  // Some read 013 as eleven.
  ["203.0.13.7", "203.0.013.7", "203.0.13.7"],
  ["2001:0db8:0000:0000:0000:0000:0000:0007", "2001:db8::7", "2001:db8:0:0:0:0:0:7"],
  ["127.0.0.1", "127.0.0.1", "127.0.0.1"],
  ["::1", "0:0:0:0:0:0:0:1", "0:0:0:0:0:0:0:1"],
])("from the socket of %s its address %s passes as %s", (address, own, written) => {
  const candidate = (shown: string) => `candidate:1 1 UDP 2114977791 ${shown} 44086 typ host`;
  check({ address, candidate: candidate(own), passed: candidate(written) });
});

test.each([
  ["another public address", "198.51.100.1"],
  ["a neighbour", "203.0.113.8"],
  ["a private address", "192.168.1.5"],
  ["this machine's", "127.0.0.1"],
  ["another of IPv6", "2001:db8::8"],
  ["a host name", "example.org"],
  ["a name in .local that is no random one", "alices-laptop.local"],
  ["a name that begins as a random one", `${mdns}.example.org`],
  ["an address with a zone", "fe80::1%eth0"],
  ["nothing like an address", "1.2.3.4.5"],
])("%s does not pass", (_, address) => {
  check({ candidate: `candidate:1 1 udp 1 ${address} 5000 typ host`, passed: undefined });
  check({ candidate: `candidate:1 1 udp 1 ${address} 5000 typ srflx`, passed: undefined });
});

test("the related address of a reflexive candidate, which is a private one, is blanked", () => {
  check({
    candidate:
      "candidate:1 1 udp 1 203.0.113.7 5000 typ srflx raddr 192.168.1.5 rport 5001 ufrag abcd",
    passed: "candidate:1 1 udp 1 203.0.113.7 5000 typ srflx raddr 0.0.0.0 rport 0 ufrag abcd",
  });
  check({
    address: "2001:db8::7",
    candidate: "candidate:1 1 udp 1 2001:db8::7 5000 typ srflx raddr fd00::2 rport 5001",
    passed: "candidate:1 1 udp 1 2001:db8:0:0:0:0:0:7 5000 typ srflx raddr :: rport 0",
  });
});

test("a relayed candidate passes from where a TURN server relays, in the one form, and no other", () => {
  const relayed = (address: string) =>
    `candidate:1 1 udp 1 ${address} 5000 typ relay raddr 10.0.0.9 rport 1`;
  const blank = (address: string, none: string) =>
    `candidate:1 1 udp 1 ${address} 5000 typ relay raddr ${none} rport 0`;
  const [v4, v6] = ["198.51.100.1", "2001:db8:0:0:0:0:0:1"];
  for (const named of [v4, "::ffff:198.51.100.1", "198.051.100.1"]) {
    check({ relay: v4, candidate: relayed(named), passed: blank(v4, "0.0.0.0") });
  }
  check({ relay: v6, candidate: relayed("2001:db8::1"), passed: blank(v6, "::") });
  const others = ["198.51.100.2", "203.0.113.7", "10.0.0.1", "2001:db8::2", mdns, "turn.example"];
  for (const other of others) {
    check({ relay: v4, candidate: relayed(other), passed: undefined });
    check({ candidate: relayed(other), passed: undefined });
  }
  // The servers' addresses are nobody's own.
  for (const type of ["host", "srflx"]) {
    check({
      relay: v4,
      candidate: `candidate:1 1 udp 1 ${v4} 5000 typ ${type}`,
      passed: undefined,
    });
  }
});

test("an active TCP candidate keeps its type", () => {
  const candidate = "candidate:1 1 tcp 1518214911 203.0.113.7 9 typ host tcptype active";
  check({ candidate: `${candidate} generation 0 network-cost 50`, passed: candidate });
});

test.each([
  ["no candidate", "hello"],
  ["a line break", "candidate:1 1 udp 1 203.0.113.7 5000 typ host\r\na=x"],
  ["a second address", "candidate:1 1 udp 1 203.0.113.7 192.168.1.1 5000 typ host"],
  ["port 0", "candidate:1 1 udp 1 203.0.113.7 0 typ host"],
  ["a port too high", "candidate:1 1 udp 1 203.0.113.7 65536 typ host"],
  ["a priority too high", "candidate:1 1 udp 4294967296 203.0.113.7 5000 typ host"],
  ["another transport", "candidate:1 1 sctp 1 203.0.113.7 5000 typ host"],
  ["a type that is never signalled", "candidate:1 1 udp 1 203.0.113.7 5000 typ prflx"],
  ["a type of one's own", "candidate:1 1 udp 1 203.0.113.7 5000 typ hosts"],
])("%s does not pass", (_, candidate) => {
  const passed = passableCandidate(candidate, { address: "203.0.113.7", isRelay: () => true });
  expect(passed?.includes("\n") ?? false).toBe(false);
  if (!candidate.includes("\n")) expect(passed).toBeUndefined();
});

test("nothing passes of a viewer whose address is not known", () => {
  check({
    address: "",
    candidate: "candidate:1 1 udp 1 203.0.113.7 5 typ host",
    passed: undefined,
  });
});
