import { once } from "node:events";
import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { InputQueue } from "./input-queue.ts";

/** Pieces of this size, 100 ms apart, until there is no room: how many were taken. */
function fill(queue: InputQueue, pieceBytes: number): number {
  for (let count = 1; count <= 1_000; count++) {
    if (!queue.offer(new Uint8Array(pieceBytes), count * 100)) return count;
  }
  throw new Error("there is always room");
}

test.each([
  // What is not behind the bound of the encoder's side (64 kB) waits.
  ["in time, of a slow stream", { bytesMax: 8_000_000, pieceBytes: 20_000 }, [21, 26]],
  ["in bytes, of a fast one", { bytesMax: 1_000_000, pieceBytes: 200_000 }, [5, 7]],
])("what waits is bounded %s", (_, { bytesMax, pieceBytes }, [least, most]) => {
  const queue = new InputQueue({ bytesMax, room: () => undefined });
  const count = fill(queue, pieceBytes);
  expect(count).toBeGreaterThanOrEqual(least!);
  expect(count).toBeLessThanOrEqual(most!);
});

test("there is room again, said once, when the reader has taken what waited", async () => {
  const calls: string[] = [];
  const queue = new InputQueue({ bytesMax: 8_000_000, room: () => calls.push("room") });
  const count = fill(queue, 20_000);
  let takenBytes = 0;
  queue.pipe(
    new Writable({
      write: (bytes: Uint8Array, _encoding, done) => {
        takenBytes += bytes.length;
        setImmediate(done);
      },
    }),
  );
  queue.end();
  await once(queue, "end");
  expect(calls).toEqual(["room"]);
  expect(takenBytes).toBe(count * 20_000);
});
