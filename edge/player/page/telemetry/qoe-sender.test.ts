import { expect, test } from "vitest";
import { beacon } from "../../../qoe/testing/beacon.ts";
import { QoeSender } from "./qoe-sender.ts";

/** A page that always has something to tell, and an edge that answers as told. */
function scene(answers: (number | "none")[]) {
  const seen = { posts: 0, beacons: 0, taken: 0 };
  const sender = new QoeSender({
    source: { report: () => ({ report: beacon(), taken: () => void (seen.taken += 1) }) },
    post: () => {
      seen.posts += 1;
      const answer = answers.shift() ?? 204;
      return answer === "none" ? Promise.reject(new Error("no answer")) : Promise.resolve(answer);
    },
    beacon: () => {
      seen.beacons += 1;
      return true;
    },
    random: 0,
  });
  const pollAt = async (nowMs: number): Promise<void> => {
    sender.poll(nowMs);
    await Promise.resolve();
    await Promise.resolve();
  };
  return { sender, seen, pollAt };
}

test("the first report comes within ten seconds, then one each ten", async () => {
  const { seen, pollAt } = scene([]);
  for (let nowMs = 0; nowMs <= 36_000; nowMs += 250) await pollAt(nowMs);
  expect(seen).toEqual({ posts: 4, beacons: 0, taken: 4 });
});

test.each<[number | "none", { taken: number; posts: number }]>([
  [204, { taken: 2, posts: 2 }],
  [400, { taken: 2, posts: 2 }],
  [429, { taken: 1, posts: 2 }],
  [503, { taken: 1, posts: 2 }],
  ["none", { taken: 1, posts: 2 }],
  [404, { taken: 0, posts: 1 }],
])("after an answer of %s, figures are kept, told or given up as they should", async (...row) => {
  const [answer, expected] = row;
  const { seen, pollAt } = scene([answer]);
  for (const nowMs of [0, 5_000, 15_000]) await pollAt(nowMs);
  expect(seen).toMatchObject(expected);
});

test.each([true, false])(
  "words said at once (the last: %s) wait for a report on its way",
  (isLast) => {
    const { sender, seen } = scene([]);
    sender.poll(0);
    sender.flush(1_000, { isLast });
    expect(seen).toMatchObject({ posts: 0, beacons: 1, taken: 1 });
    sender.poll(11_000);
    sender.flush(17_000, { isLast });
    expect(seen).toMatchObject({ posts: 1, beacons: 1 });
  },
);

test("a page that is hidden says what it has, and goes on with the next ten seconds", async () => {
  const { sender, seen, pollAt } = scene([]);
  for (const nowMs of [0, 5_000]) await pollAt(nowMs);
  sender.flush(10_000, { isLast: false });
  expect(seen).toEqual({ posts: 1, beacons: 1, taken: 2 });
  await pollAt(19_999);
  expect(seen.posts).toBe(1);
  await pollAt(20_000);
  expect(seen).toEqual({ posts: 2, beacons: 1, taken: 3 });
});

test("hidden again and again, it says no more than the edge takes, and its last words always", () => {
  const { sender, seen } = scene([]);
  for (let nowMs = 0; nowMs <= 20_000; nowMs += 1_000) sender.flush(nowMs, { isLast: false });
  expect(seen.beacons).toBe(5);
  sender.flush(20_001, { isLast: true });
  expect(seen.beacons).toBe(6);
});
