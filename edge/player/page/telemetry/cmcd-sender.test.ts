import { expect, test } from "vitest";
import { CmcdSender } from "./cmcd-sender.ts";

/** A sender whose posts are answered by the given statuses in turn; 0: no answer. */
function senderTo(...statuses: number[]) {
  const posts: string[] = [];
  const beacons: string[] = [];
  const sender = new CmcdSender({
    post: (body) => {
      posts.push(body);
      const status = statuses.shift() ?? 204;
      return status === 0 ? Promise.reject(new Error("no network")) : Promise.resolve(status);
    },
    beacon: (body) => beacons.push(body) > 0,
  });
  const poll = async (nowMs: number): Promise<void> => {
    sender.poll(nowMs);
    // The answer is taken in the turns after it.
    for (let turn = 0; turn < 4; turn++) await Promise.resolve();
  };
  return { sender, posts, beacons, poll };
}

test("events of a second go in one post", async () => {
  const { sender, posts, poll } = senderTo();
  sender.add(["1"]);
  await poll(0);
  sender.add(["2"]);
  await poll(500);
  sender.add(["3"]);
  await poll(999);
  await poll(1_000);
  await poll(5_000);
  expect(posts).toEqual(["1", "2\n3"]);
});

test("a post that failed is tried once more, before what came since", async () => {
  for (const failure of [0, 429, 503]) {
    const { sender, posts, poll } = senderTo(failure, failure);
    sender.add(["1"]);
    await poll(0);
    sender.add(["2"]);
    await poll(1_000);
    await poll(2_000);
    await poll(3_000);
    expect(posts, String(failure)).toEqual(["1", "1\n2", "2"]);
  }
});

test("what the edge cannot read is not sent again; an edge that takes none is left alone", async () => {
  const odd = senderTo(400);
  odd.sender.add(["1"]);
  await odd.poll(0);
  odd.sender.add(["2"]);
  await odd.poll(1_000);
  expect(odd.posts).toEqual(["1", "2"]);
  const older = senderTo(404);
  older.sender.add(["1"]);
  await older.poll(0);
  older.sender.add(["2"]);
  await older.poll(1_000);
  older.sender.flush();
  expect([older.posts, older.beacons]).toEqual([["1"], []]);
});

test("what waits when the page goes away is handed to the browser, and never more than 32 lines", async () => {
  const { sender, posts, beacons, poll } = senderTo();
  await poll(0);
  sender.add(Array.from({ length: 40 }, (_, n) => String(n)));
  sender.flush();
  sender.flush();
  expect(posts).toEqual([]);
  expect(beacons.map((body) => body.split("\n").length)).toEqual([32]);
  expect(beacons[0]).toMatch(/^8\n/);
});
