import fc from "fast-check";
import { expect, test } from "vitest";
import { tierLayout, type Box, type LayoutNode, type TierLayout } from "./tier-layout.ts";

const origin: LayoutNode = { name: "origin", process: 1, tier: "origin", parent: "" };
const shield: LayoutNode = { name: "shield", process: 1, tier: "shield", parent: "origin/1" };
const edge = (process: number, parent = "shield/1"): LayoutNode => {
  return { name: "edge", process, tier: "edge", parent };
};
const usual = [origin, shield, edge(1), edge(2)];

function boxOf({ boxes }: TierLayout, id: string): Box {
  return boxes.find((box) => box.id === id)!;
}

test("on a wide page tiers are columns, edges stand below one another, viewers at the right", () => {
  const layout = tierLayout(usual, 1_100);
  expect(layout.isWide).toBe(true);
  const left = ["above", "origin/1", "shield/1", "edge/1", "viewers"].map(
    (id) => boxOf(layout, id).x,
  );
  expect(left).toEqual([...left].sort((a, b) => a - b));
  expect(boxOf(layout, "edge/1").x).toBe(boxOf(layout, "edge/2").x);
  expect(boxOf(layout, "viewers").height).toBe(layout.height);
  expect(layout.lines.map(({ from, to }) => `${from} ${to}`).sort()).toEqual([
    "above origin/1",
    "edge/1 viewers",
    "edge/2 viewers",
    "origin/1 shield/1",
    "shield/1 edge/1",
    "shield/1 edge/2",
  ]);
});

test("on a phone everything stands below one another within the page", () => {
  const layout = tierLayout(usual, 328);
  expect(layout.isWide).toBe(false);
  for (const { x, width } of layout.boxes) expect(x + width).toBeLessThanOrEqual(328);
  expect(boxOf(layout, "edge/2").x).toBeGreaterThan(boxOf(layout, "shield/1").x);
});

test("an edge below the origin stands beside the others", () => {
  const layout = tierLayout([...usual, edge(3, "origin/1")], 1_100);
  expect(boxOf(layout, "edge/3").x).toBe(boxOf(layout, "edge/1").x);
});

test("whatever nodes say of their parents, each has one box, and no two overlap", () => {
  const node = fc.record({
    name: fc.constantFrom("a", "b"),
    process: fc.nat({ max: 8 }),
    tier: fc.constantFrom("origin", "shield", "edge"),
    parent: fc
      .tuple(fc.constantFrom("a", "b", "c"), fc.nat({ max: 8 }))
      .map((pair) => pair.join("/")),
  });
  const nodes = fc.uniqueArray(node, {
    minLength: 1,
    maxLength: 18,
    selector: ({ name, process }) => `${name}/${process}`,
  });
  fc.assert(
    fc.property(nodes, fc.integer({ min: 300, max: 1_600 }), (all, width) => {
      const { boxes, height } = tierLayout(all, width);
      const expected = all.map(({ name, process }) => `${name}/${process}`);
      expect(boxes.map(({ id }) => id).sort()).toEqual([...expected, "above", "viewers"].sort());
      for (const [index, one] of boxes.entries()) {
        expect(one.x).toBeGreaterThanOrEqual(0);
        expect(one.x + one.width).toBeLessThanOrEqual(width + 0.001);
        expect(one.y + one.height).toBeLessThanOrEqual(height + 0.001);
        for (const other of boxes.slice(index + 1)) {
          const apart =
            one.x + one.width <= other.x ||
            other.x + other.width <= one.x ||
            one.y + one.height <= other.y ||
            other.y + other.height <= one.y;
          expect(apart, `${one.id} and ${other.id}`).toBe(true);
        }
      }
    }),
  );
});
