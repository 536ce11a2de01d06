import { expect, test } from "vitest";
import { environmentLayers, settingLayer } from "./text-layers.ts";

const asText = (_key: string, text: string): unknown => text;

test("a variable's name says its key: two underscores go down, one joins words", () => {
  const layers = environmentLayers(
    {
      PATH: "/bin",
      FULLHOUSE_STATE_DIR: "s",
      FULLHOUSE_LADDER__CAP_KBPS: "300",
      FULLHOUSE_CACHE__OBJECT_BYTES_MAX: "1",
    },
    asText,
  );
  expect(layers).toEqual([
    { source: "FULLHOUSE_CACHE__OBJECT_BYTES_MAX", values: { cache: { objectBytesMax: "1" } } },
    { source: "FULLHOUSE_LADDER__CAP_KBPS", values: { ladder: { capKbps: "300" } } },
    { source: "FULLHOUSE_STATE_DIR", values: { stateDir: "s" } },
  ]);
});

function check(input: string, expected: unknown): void {
  expect(settingLayer(input, asText)?.values, input).toEqual(expected);
}

test("a setting is a dotted key, = and a value", () => {
  check("a.b=1", { a: { b: "1" } });
  check("stateDir=", { stateDir: "" });
  check("tier.secret=a=b", { tier: { secret: "a=b" } });
});

test("anything else is no setting", () => {
  for (const text of ["", "a", "=1", ".a=1", "a.=1", "a..b=1", "a b=1"]) check(text, undefined);
});
