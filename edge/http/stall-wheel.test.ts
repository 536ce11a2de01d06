import { expect, test } from "vitest";
import { StallWheel, type Stallable } from "./stall-wheel.ts";

function response(): Stallable & { taken: number; blocked: boolean; isStalled: boolean } {
  return {
    taken: 0,
    blocked: true,
    isStalled: false,
    takenBytes(): number {
      return this.taken;
    },
    isBlocked(): boolean {
      return this.blocked;
    },
    stalled(): void {
      this.isStalled = true;
    },
  };
}

test("a client that takes too little in the time is closed, one that takes enough is not", () => {
  const wheel = new StallWheel({ timeoutMs: 10_000, bytesMin: 8_192 });
  const [slow, fast, waiting] = [response(), response(), response()];
  waiting.blocked = false;
  for (const each of [slow, fast, waiting]) wheel.watch(each, 0);
  for (let nowMs = 1_000; nowMs <= 30_000; nowMs += 1_000) {
    slow.taken += 819;
    fast.taken += 820;
    wheel.tick(nowMs);
    if (nowMs < 10_000) expect(slow.isStalled).toBe(false);
  }
  expect([slow.isStalled, fast.isStalled, waiting.isStalled]).toEqual([true, false, false]);
  expect(wheel.count).toBe(2);
});

test("it says when the last response is over", async () => {
  const wheel = new StallWheel({ timeoutMs: 10_000, bytesMin: 1 });
  await wheel.empty();
  const one = response();
  wheel.watch(one, 0);
  let isEmpty = false;
  const told = wheel.empty().then(() => (isEmpty = true));
  await Promise.resolve();
  expect(isEmpty).toBe(false);
  wheel.tick(10_000);
  await told;
  expect(one.isStalled).toBe(true);
});
