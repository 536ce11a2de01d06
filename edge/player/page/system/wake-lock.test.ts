import { expect, test } from "vitest";
import { WakeLock } from "./wake-lock.ts";

/** A screen that gives locks when the test says so, and can take them away. */
function screen() {
  const asked: { grant: () => void; refuse: () => void }[] = [];
  const held = new Set<{ released: boolean }>();
  const request = () =>
    new Promise<{ released: boolean; release: () => Promise<void> }>((resolve, reject) => {
      const lock = {
        released: false,
        release: () => {
          lock.released = true;
          held.delete(lock);
          return Promise.resolve();
        },
      };
      const grant = (): void => {
        held.add(lock);
        resolve(lock);
      };
      asked.push({ grant, refuse: () => reject(new Error("battery saver")) });
    });
  const takeAway = (): void => {
    for (const lock of held) lock.released = true;
    held.clear();
  };
  return { wakeLock: new WakeLock({ request }), asked, held, takeAway };
}

/** All that waits for a promise has run. */
async function settled(): Promise<void> {
  for (let step = 0; step < 4; step += 1) await Promise.resolve();
}

test("the screen is held once while something is watched, and let go when it is not", async () => {
  const { wakeLock, asked, held } = screen();
  for (let step = 0; step < 5; step += 1) wakeLock.show(true);
  expect(asked).toHaveLength(1);
  asked[0]!.grant();
  await settled();
  wakeLock.show(true);
  expect([asked.length, held.size]).toEqual([1, 1]);
  wakeLock.show(false);
  expect(held.size).toBe(0);
});

test("a lock that the browser took away with the page is asked for again", async () => {
  const { wakeLock, asked, held, takeAway } = screen();
  wakeLock.show(true);
  asked[0]!.grant();
  await settled();
  takeAway();
  wakeLock.show(true);
  asked[1]!.grant();
  await settled();
  expect(held.size).toBe(1);
});

test("a lock that comes too late is given back", async () => {
  const { wakeLock, asked, held } = screen();
  wakeLock.show(true);
  wakeLock.show(false);
  asked[0]!.grant();
  await settled();
  expect(held.size).toBe(0);
});

test("a refusal stands until something begins to be watched anew", async () => {
  const { wakeLock, asked } = screen();
  wakeLock.show(true);
  asked[0]!.refuse();
  await settled();
  wakeLock.show(true);
  expect(asked).toHaveLength(1);
  wakeLock.show(false);
  wakeLock.show(true);
  expect(asked).toHaveLength(2);
});

test("a browser without such locks is left in peace", () => {
  const wakeLock = new WakeLock(null);
  wakeLock.show(true);
  wakeLock.show(false);
});
