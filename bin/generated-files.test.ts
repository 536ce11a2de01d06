import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { resolveConfig } from "../src/config/resolve.ts";
import { configKeys, scenarioKeys } from "../src/config/schema-keys.ts";
import { generatedFiles } from "./generated-files.ts";

const root = join(import.meta.dirname, "..");
const files = generatedFiles();

test.each([...files.keys()])("%s is what the code says (npm run generate)", (path) => {
  expect(readFileSync(join(root, path), "utf8")).toBe(files.get(path));
});

test("the example configuration reads as the defaults", () => {
  const values = parse(files.get("fullhouse.example.yaml")!) as Record<string, unknown>;
  const example = resolveConfig([{ source: "example", values }]);
  expect(example.ok && example.config).toEqual(defaults());
});

test("the example sets every key that has a default", () => {
  const values = parse(files.get("fullhouse.example.yaml")!) as Record<string, unknown>;
  expect(leafKeys("", values)).toEqual(leafKeys("", defaults()));
});

test("every key has a sentence", () => {
  const silent = [...configKeys(), ...scenarioKeys()].filter(
    ({ types, doc }) => !types.includes("object") && !doc.endsWith("."),
  );
  expect(silent.map(({ key }) => key)).toEqual([]);
});

function defaults(): unknown {
  const result = resolveConfig([]);
  if (!result.ok) throw new Error("the defaults are refused");
  return result.config;
}

function leafKeys(prefix: string, value: unknown): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [prefix];
  return Object.entries(value)
    .flatMap(([key, below]) => leafKeys(`${prefix}.${key}`, below))
    .sort();
}
