import { expect, test } from "vitest";
import { fixedReplies } from "../http/response-head.ts";
import type { UwsRequest } from "../http/uws.ts";
import { roomCount, roomCountSlots } from "./room-counts.ts";
import { RoomDoor } from "./room-door.ts";
import type { RoomGuest } from "./room-viewer.ts";

interface Asked {
  url?: string;
  query?: string;
  host?: string;
  origin?: string;
}

const path = "/live/main/room";

/** As the engine gives it: "" for a header that is missing, undefined for no query. */
function request({ url = path, query, host = "tv.example:8080", origin = "" }: Asked): UwsRequest {
  const headers: Record<string, string> = { host, origin };
  return {
    getUrl: () => url,
    getQuery: () => query,
    getHeader: (key: string) => headers[key] ?? "",
  } as UwsRequest;
}

const address = "203.0.113.7";

/** `full`: addresses that have as many as one may have. `crowded`: from whom one has to make room. */
function newDoor({ full = [], crowded = [] }: { full?: string[]; crowded?: string[] } = {}) {
  const counts = new Float64Array(roomCountSlots);
  const door = new RoomDoor({
    isFull: (addressKey) => full.includes(addressKey),
    makeRoom: (addressKey) => crowded.includes(addressKey),
    feeds: ["other", "main"],
    socketCountMax: 2,
    allowedOrigins: ["https://shop.example", "https://b.example:8443"],
    counts,
  });
  return { counts, door };
}

const main = { feed: 1, sid: "", address };

test.each<[string, Asked, RoomGuest]>([
  ["a program, which names no page", {}, main],
  ["another feed", { url: "/live/other/room" }, { feed: 0, sid: "", address }],
  ["below a token", { url: `/t/abc.DEF-1_2${path}` }, main],
  ["a page of this edge", { origin: "http://tv.example:8080" }, main],
  ["a page of this edge behind TLS", { origin: "https://tv.example:8080" }, main],
  ["whatever the case of the host", { origin: "http://TV.example:8080" }, main],
  ["a page of an origin that may", { origin: "https://shop.example" }, main],
  ["of such a one with a port", { origin: "https://b.example:8443" }, main],
  ["a session", { query: "sid=A.b_c-9" }, { ...main, sid: "A.b_c-9" }],
  ["the first session of two", { query: "x=1&sid=a&sid=b" }, { ...main, sid: "a" }],
  ["a query of something else", { query: "psid=a&asid=!" }, main],
  ["the longest session", { query: `sid=${"x".repeat(64)}` }, { ...main, sid: "x".repeat(64) }],
])("%s is let in", (_, asked, guest) => {
  const { counts, door } = newDoor();
  expect(door.admit(request(asked), address)).toEqual(guest);
  expect([...counts]).toEqual(new Array(roomCountSlots).fill(0));
});

const { notFound, forbiddenOrigin, badRequest } = fixedReplies;

function checkRefusal(asked: Asked, reply: object, counted?: number): void {
  const { counts, door } = newDoor();
  expect(door.admit(request(asked), address)).toBe(reply);
  const expected = new Array<number>(roomCountSlots).fill(0);
  if (counted !== undefined) expected[counted] = 1;
  expect([...counts]).toEqual(expected);
}

test.each([
  ["a feed that is not here", "/live/nobody/room"],
  ["a feed of another form", "/live/MAIN/room"],
  ["more path", `${path}/x`],
  ["what is no room", "/live/main/status.json"],
  ["a token with other characters", `/t/a%20b${path}`],
  ["a token too long", `/t/${"x".repeat(257)}${path}`],
])("%s is nothing that there is", (_, url) => {
  checkRefusal({ url }, notFound);
});

test.each([
  ["a page of elsewhere", "https://evil.example"],
  ["another port of the host", "http://tv.example"],
  ["another scheme of one that may", "http://shop.example"],
  ["a host that begins alike", "http://tv.example:8080.evil.example"],
  ["a host that begins as one that may", "https://shop.example.evil.example"],
  ["a scheme that ends alike", "xhttp://tv.example:8080"],
  ["a host behind a name", "http://tv.example:8080@evil.example"],
  ["a page of no origin", "null"],
  ["a file of a machine", "file://"],
])("%s is refused, and counted", (_, origin) => {
  checkRefusal({ origin }, forbiddenOrigin, roomCount.refusedOrigin);
  checkRefusal({ origin, host: "" }, forbiddenOrigin, roomCount.refusedOrigin);
});

test.each([
  ["nothing", "sid="],
  ["a blank", "sid=a%20b"],
  ["65 characters", `sid=${"x".repeat(65)}`],
])("a session of %s is refused, and counted", (_, query) => {
  checkRefusal({ query }, badRequest, roomCount.refusedSession);
});

test("when the rooms are full viewers are refused until one leaves", () => {
  const { counts, door } = newDoor();
  counts[roomCount.sockets] = 1;
  expect(door.admit(request({}), address)).toEqual(main);
  counts[roomCount.sockets] = 2;
  expect(door.admit(request({}), address)).toBe(fixedReplies.roomFull);
  expect(door.admit(request({ url: "/live/other/room" }), address)).toBe(fixedReplies.roomFull);
  expect(counts[roomCount.refusedFull]).toBe(2);
  counts[roomCount.sockets] = 1;
  expect(door.admit(request({}), address)).toEqual(main);
});

test("an address that has as many as one may have gets no more, while there are places", () => {
  const { counts, door } = newDoor({ full: [address] });
  expect(door.admit(request({}), `::ffff:${address}`)).toBe(fixedReplies.roomFull);
  expect(counts[roomCount.refusedAddress]).toBe(1);
  expect(door.admit(request({}), "203.0.113.8")).toEqual({ ...main, address: "203.0.113.8" });
});

test("when the rooms are full one of an address that has more makes room", () => {
  const { counts, door } = newDoor({ crowded: ["203.0.113.8"] });
  counts[roomCount.sockets] = 2;
  expect(door.admit(request({}), address)).toBe(fixedReplies.roomFull);
  expect(door.admit(request({}), "203.0.113.8")).toEqual({ ...main, address: "203.0.113.8" });
});

test("nobody makes room for one who is refused", () => {
  const { counts, door } = newDoor({ crowded: [address] });
  counts[roomCount.sockets] = 2;
  expect(door.admit(request({ query: "sid=" }), address)).toBe(fixedReplies.badRequest);
  expect(counts[roomCount.refusedFull]).toBe(0);
});

test("an edge that ends lets nobody in, and they may go elsewhere", () => {
  const { door } = newDoor();
  door.shut();
  expect(door.admit(request({}), address)).toBe(fixedReplies.unavailable);
});
