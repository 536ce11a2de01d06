import { expect, test } from "vitest";
import { madeNode } from "../../../health/testing/made-node.ts";
import { boundedCrowd, crowdCountMax } from "./tier-crowd.ts";

const origin = madeNode("origin", { tier: "origin" });
const shield = madeNode("shield", { tier: "shield", parent: "origin/1" });
const edges = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    madeNode(`edge-${n}`, { parent: "shield/1", toViewersBitsPerSec: n }),
  );

test("a few nodes are all shown, in their order", () => {
  const few = [origin, shield, ...edges(crowdCountMax)];
  expect(boundedCrowd(few)).toEqual(few);
});

test("of many edges those that are not well and the busiest are shown, the rest as one", () => {
  const many = edges(40);
  many[0] = { ...many[0]!, ageMs: 60_000 };
  const shown = boundedCrowd([origin, shield, ...many]);
  expect(shown).toHaveLength(2 + crowdCountMax);
  expect(shown.map(({ name }) => name)).toContain("edge-0");
  expect(shown.map(({ name }) => name)).toContain("edge-39");
  expect(shown.at(-1)).toMatchObject({ nodeCount: 31, parent: "shield/1" });
  const sum = (nodes: typeof many): number =>
    nodes.reduce((total, node) => total + node.toViewersBitsPerSec, 0);
  expect(sum(shown)).toBe(sum(many));
});

test("nodes that one edge makes up below itself, however deep, leave the others their boxes", () => {
  const real = edges(3);
  const madeUp = Array.from({ length: 60 }, (_, n) =>
    // Half of them below one another.
    madeNode(`made-up-${n}`, {
      parent: n < 30 ? "edge-0/1" : `made-up-${n - 30}/1`,
      ageMs: 60_000,
    }),
  );
  const shown = boundedCrowd([origin, ...madeUp, shield, ...real]);
  const names = shown.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(real.map(({ name }) => name)));
  expect(shown.length).toBeLessThan(2 + 2 * crowdCountMax + 10);
  const ids = new Set(shown.map(({ name, process }) => `${name}/${process}`));
  expect(shown.slice(1).every(({ parent }) => ids.has(parent))).toBe(true);
  expect(shown.reduce((sum, { nodeCount }) => sum + nodeCount, 0)).toBe(2 + 3 + 60);
});

test("what is left below each parent is a box of its own there", () => {
  const other = madeNode("other", { tier: "shield", parent: "origin/1" });
  const spread = edges(40).map((node, n) => (n % 4 === 0 ? { ...node, parent: "other/1" } : node));
  const shown = boundedCrowd([origin, shield, other, ...spread]);
  const rest = shown.filter(({ nodeCount }) => nodeCount > 1);
  expect(rest.map(({ parent }) => parent).sort()).toEqual(["other/1", "shield/1"]);
  expect(rest.reduce((sum, { nodeCount }) => sum + nodeCount, 0)).toBe(31);
});
