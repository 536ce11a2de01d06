import { expect, test } from "vitest";
import { ReadBlocks } from "./read-blocks.ts";

test("what is kept stays as it was read, while later reads and released blocks come and go", () => {
  const blocks = new ReadBlocks();
  const kept = [100, 5_000, 65_536, 4_096].map((length, n) => {
    blocks.readInto.fill(n + 1);
    return { copy: blocks.keep(length), length, value: n + 1 };
  });
  blocks.readInto.fill(9);
  blocks.release(blocks.keep(20_000));
  blocks.keep(30_000).fill(8);
  for (const { copy, length, value } of kept) {
    expect(Buffer.compare(copy, Buffer.alloc(length, value))).toBe(0);
  }
});

test("a block that is released is used again, and memory of short reads is not", () => {
  const blocks = new ReadBlocks();
  const first = blocks.keep(50_000);
  blocks.release(first);
  const short = blocks.keep(4_096);
  expect(short.buffer).not.toBe(first.buffer);
  blocks.release(short);
  expect(blocks.keep(10_000).buffer).toBe(first.buffer);
  expect(blocks.keep(10_000).buffer).not.toBe(short.buffer);
});
