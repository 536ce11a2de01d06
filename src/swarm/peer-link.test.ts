import { beforeEach, expect, test } from "vitest";
import type { RtcChannel } from "./client-ports.ts";
import { PeerLink } from "./peer-link.ts";
import { FakeConnection } from "./testing/fake-connection.ts";
import { ManualClock } from "./testing/manual-clock.ts";

let connection: FakeConnection;
let clock: ManualClock;
/** What the link told of, in order. */
let told: string[];
let sent: (string | Uint8Array)[];

beforeEach(() => {
  connection = new FakeConnection();
  clock = new ManualClock();
  told = [];
  sent = [];
});

function link({ isCaller }: { isCaller: boolean }): PeerLink {
  return new PeerLink({
    connection,
    isCaller,
    ports: clock,
    events: {
      signal: () => undefined,
      open: () => told.push("open"),
      message: () => told.push("message"),
      drained: () => told.push("drained"),
      deaf: () => told.push("deaf"),
      closed: ({ wasOpen }) => told.push(wasOpen ? "lost" : "failed"),
    },
  });
}

/** A link whose channel is open and takes in what is sent without ever sending it on. */
function unread(): { one: PeerLink; channel: RtcChannel } {
  const one = link({ isCaller: true });
  one.dial();
  connection.open();
  const channel = connection.createDataChannel();
  channel.send = (data) => {
    sent.push(data);
    Object.assign(channel, { bufferedAmount: channel.bufferedAmount + data.length });
  };
  return { one, channel };
}

test("a peer that reads nothing is told of, and what is kept for it has an end", () => {
  const { one, channel } = unread();
  const message = "x".repeat(1_000);
  for (let n = 0; n < 65; n++) expect(one.send(message)).toBe(true);
  expect(told).toEqual(["open"]);
  for (let n = 0; n < 1_000; n++) expect(one.send(message)).toBe(false);
  expect(sent).toHaveLength(65);
  expect(channel.bufferedAmount).toBeLessThanOrEqual(64 * 1024);
  expect(told).toContain("deaf");
});

test("one that reads may be sent any number of messages", () => {
  const { one, channel } = unread();
  for (let n = 0; n < 1_000; n++) {
    expect(one.send("x".repeat(1_000))).toBe(true);
    Object.assign(channel, { bufferedAmount: 0 });
  }
  expect(told).toEqual(["open"]);
});

test("what is sent when the link is closed is not", () => {
  const { one } = unread();
  one.close();
  expect(one.send("x")).toBe(false);
  expect(told).toEqual(["open"]);
});

test.each([true, false])(
  "a channel beyond the one agreed on ends the link (caller: %s)",
  (isCaller) => {
    const one = link({ isCaller });
    if (isCaller) one.dial();
    connection.open();
    expect(told).toEqual(["open"]);
    const another = new FakeConnection().createDataChannel();
    connection.ondatachannel?.({ channel: another });
    expect(told).toEqual(["open", "lost"]);
    expect(connection.connectionState).toBe("closed");
    expect(connection.ondatachannel).toBeNull();
    expect(one.isOpen).toBe(false);
  },
);

test("who is called by one that opens a channel before it was dialled is given up, and told of", () => {
  link({ isCaller: true });
  connection.ondatachannel?.({ channel: new FakeConnection().createDataChannel() });
  expect(told).toEqual(["failed"]);
});

test("a call that comes to nothing ends after 8 s", () => {
  link({ isCaller: true }).dial();
  clock.pass(7_999);
  expect(told).toEqual([]);
  clock.pass(1);
  expect(told).toEqual(["failed"]);
  expect(connection.connectionState).toBe("closed");
});
