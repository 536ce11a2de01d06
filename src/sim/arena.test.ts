import { expect, test } from "vitest";
import { Arena } from "./arena.ts";

/** Lays a column of each kind out. */
function layOut(arena: Arena) {
  return {
    bytes: arena.uint8(3),
    signed: arena.int8(65),
    words: arena.uint32(5),
    whole: arena.int32(1),
    short: arena.float32(7),
    long: arena.float64(9),
  };
}

test("the first layout, over no memory, finds how much the second one takes", () => {
  const empty = new Arena();
  expect(Object.values(layOut(empty)).every(({ length }) => length === 0)).toBe(true);
  expect(empty.usedBytes).toBe(64 + 128 + 64 + 64 + 64 + 128);
  const columns = layOut(new Arena(new ArrayBuffer(empty.usedBytes)));
  expect(Object.values(columns).map(({ length }) => length)).toEqual([3, 65, 5, 1, 7, 9]);
});

test("columns start at cache lines and do not overlap", () => {
  const columns = Object.values(layOut(new Arena(new ArrayBuffer(512))));
  columns.reduce((endByte, { byteOffset, byteLength }) => {
    expect(byteOffset % 64).toBe(0);
    expect(byteOffset).toBeGreaterThanOrEqual(endByte);
    return byteOffset + byteLength;
  }, 0);
  columns.forEach((column, n) => column.fill(n + 1));
  columns.forEach((column, n) => expect([...column]).toEqual(Array(column.length).fill(n + 1)));
});

test("two layouts over the same memory share what is in it", () => {
  const memory = new SharedArrayBuffer(512);
  layOut(new Arena(memory)).long[8] = 2.5;
  expect(layOut(new Arena(memory)).long[8]).toBe(2.5);
});

test("memory that is smaller than the first layout found is a bug", () => {
  expect(() => layOut(new Arena(new ArrayBuffer(511)))).toThrow("as large as the first layout");
});
