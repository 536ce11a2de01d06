import { expect, test } from "vitest";
import { makeRoom } from "./make-room.ts";

const limits = { connectionCountMax: 6, pendingCountMax: 4, pendingPerAddressMax: 3 };

/** Connections as `address` and, if it publishes, a `!`; oldest first. */
function check(connections: string, expected: string | undefined): void {
  const open = new Set(
    connections.split(" ").map((text, index) => ({
      address: text.replace("!", ""),
      isPublishing: text.endsWith("!"),
      name: `${text}#${index}`,
    })),
  );
  const decision = makeRoom("new", open, limits);
  const text = decision && `${decision.limit}: ${decision.evict?.name ?? "the newcomer"}`;
  expect(text).toBe(expected);
}

test.each([
  ["a limit is reached by nobody", "a! a b c", undefined],
  ["one address waits too often: its oldest goes", "a new new new", "pendingPerAddressMax: new#1"],
  ["publishing ones do not wait", "new! new! new! new! new", undefined],
  ["too many wait: the oldest of the address with most", "a b c b", "pendingCountMax: b#1"],
  ["too many wait, one each: the oldest", "a! d c b a", "pendingCountMax: d#1"],
  ["all are too many: one that waits", "a! b! c! d! e! b", "connectionCountMax: b#5"],
  ["all are too many and publish", "a! b! c! d! e! f!", "connectionCountMax: the newcomer"],
])("%s (%s)", (_, connections, expected) => check(connections, expected));
