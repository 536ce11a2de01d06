import { expect, test } from "vitest";
import { familiesOf, readExposition, sumOf } from "./exposition.ts";

const text = `# HELP live_a_total A.
# TYPE live_a_total counter
live_a_total{tier="edge",kind="segment",outcome="hit"} 3
live_a_total{tier="edge",kind="segment",outcome="miss"} 1
live_a_total{tier="edge",kind="media",outcome="hit"} 1e3
live_b 0.5
live_c{text="a \\"b\\" {c},\\\\d\\n"} 1
not a sample
`;

test("samples have names, labels and values", () => {
  const samples = readExposition(text);
  expect(samples).toHaveLength(5);
  expect(samples[3]).toEqual({ name: "live_b", labels: {}, value: 0.5 });
  expect(samples[4]?.labels).toEqual({ text: 'a "b" {c},\\d\n' });
});

test("a sum is over the samples that carry the labels", () => {
  const samples = readExposition(text);
  expect(sumOf(samples, "live_a_total")).toBe(1_004);
  expect(sumOf(samples, "live_a_total", { kind: "segment" })).toBe(4);
  expect(sumOf(samples, "live_a_total", { kind: "segment", outcome: "hit" })).toBe(3);
  expect(sumOf(samples, "live_none")).toBe(0);
});

test("families are taken whole, by their names", () => {
  const [one, two, three] = ["live_a", "live_b", "live_ab"].map(
    (name) => `# HELP ${name} A # HELP of it.\n# TYPE ${name} gauge\n${name}{x="# HELP"} 1\n\n`,
  );
  expect(familiesOf(`${one}${two}${three}`, new Set(["live_a", "live_ab"]))).toBe(`${one}${three}`);
  expect(familiesOf("", new Set(["live_a"]))).toBe("");
});
