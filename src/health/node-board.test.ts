import { expect, test } from "vitest";
import { boardNodeCountMax, childCountMax, NodeBoard } from "./node-board.ts";
import { isSilent, type NodeHealth } from "./node-health.ts";
import { madeNode } from "./testing/made-node.ts";

const top = "origin/1";

function ages(board: NodeBoard, nowMs: number): [string, number, boolean][] {
  return board
    .nodes(top, nowMs)
    .map((node): [string, number, boolean] => [node.name, node.ageMs, isSilent(node)]);
}

test("a child that falls silent is silent after 15 s, says so once, and is gone after two minutes", () => {
  const board = new NodeBoard();
  board.note("edge-1/1", [madeNode("edge-1")], 0);
  expect(board.takeEvents(15_000)).toEqual([]);
  expect(ages(board, 15_000)).toEqual([["edge-1", 15_000, false]]);
  expect(board.takeEvents(15_001)).toEqual([{ kind: "silent", name: "edge-1" }]);
  expect(board.takeEvents(16_000)).toEqual([]);
  expect(ages(board, 120_000)).toEqual([["edge-1", 120_000, true]]);
  expect(ages(board, 120_001)).toEqual([]);
});

test("a child that speaks again is back, and one whose uptime began anew was restarted", () => {
  const board = new NodeBoard();
  board.note("edge-1/1", [madeNode("edge-1", { uptimeMs: 60_000 })], 0);
  board.takeEvents(16_000);
  board.note("edge-1/1", [madeNode("edge-1", { uptimeMs: 80_000 })], 20_000);
  expect(board.takeEvents(20_000)).toEqual([{ kind: "back", name: "edge-1" }]);
  board.note("edge-1/1", [madeNode("edge-1", { uptimeMs: 3_000 })], 25_000);
  expect(board.takeEvents(25_000)).toEqual([{ kind: "restarted", name: "edge-1" }]);
});

test("who says that it leaves is gone at once, with all below it, and is no fault", () => {
  const board = new NodeBoard();
  board.note("s/1", [madeNode("s"), madeNode("edge-1", { parent: "s/1" })], 0);
  expect(board.nodes(top, 0)).toHaveLength(2);
  board.note("s/1", [], 1_000);
  expect(board.takeEvents(1_000)).toEqual([{ kind: "left", name: "s" }]);
  expect(board.nodes(top, 1_000)).toEqual([]);
});

test("nodes further down age by what their parent said and by its own silence", () => {
  const board = new NodeBoard();
  const below = madeNode("edge-1", { parent: "s/1", ageMs: 9_000 });
  board.note("s/1", [madeNode("s"), below], 0);
  expect(ages(board, 7_000)).toEqual([
    ["edge-1", 16_000, true],
    ["s", 7_000, false],
  ]);
  expect(board.nodes(top, 0).map(({ parent }) => parent)).toEqual(["s/1", top]);
});

test("a node that changed its parent is listed once, where it was heard of last", () => {
  const board = new NodeBoard();
  const edge = (parent: string): NodeHealth => madeNode("edge-1", { process: 9, parent });
  board.note("s/1", [madeNode("s"), edge("s/1")], 0);
  board.note("t/1", [madeNode("t"), edge("t/1")], 5_000);
  const edges = board.nodes(top, 6_000).filter(({ name }) => name === "edge-1");
  expect(edges.map(({ parent, ageMs }) => [parent, ageMs])).toEqual([["t/1", 1_000]]);
});

test("what others say of a child, or of this node, does not stand above its own word", () => {
  const board = new NodeBoard();
  board.note("edge-1/1", [madeNode("edge-1")], 0);
  const lies = ["edge-1", "origin"].map((name) =>
    madeNode(name, { parent: "liar/1", isReady: false }),
  );
  board.note("liar/1", [madeNode("liar"), ...lies], 5_000);
  const seen = (nowMs: number): [string, string][] =>
    board.nodes(top, nowMs).map(({ name, parent }) => [name, parent]);
  expect(seen(6_000)).toEqual([
    ["edge-1", top],
    ["liar", top],
  ]);
  // Silent here, heard of there: it has moved.
  expect(seen(15_001)[0]).toEqual(["edge-1", "liar/1"]);
});

test("nodes stand in the order of their names, whoever reported first", () => {
  const board = new NodeBoard();
  for (const name of ["edge-10", "edge-2", "a"]) board.note(`${name}/1`, [madeNode(name)], 0);
  expect(board.nodes(top, 0).map(({ name }) => name)).toEqual(["a", "edge-2", "edge-10"]);
});

test("neither children nor nodes grow without bound", () => {
  const board = new NodeBoard();
  let taken = 0;
  for (let n = 0; n < 2 * childCountMax; n++) {
    if (board.note(`edge/${n}`, [madeNode("edge", { process: n })], 0)) taken += 1;
  }
  expect(taken).toBe(childCountMax);
  const long = Array.from({ length: 65 }, (_, n) => madeNode("x", { process: n }));
  for (let n = 0; n < childCountMax; n++) board.note(`edge/${n}`, long, 0);
  expect(board.nodes(top, 0).length).toBeLessThanOrEqual(boardNodeCountMax);
  expect(board.note("edge/0", [madeNode("edge", { process: 0 })], 1)).toBe(true);
});
