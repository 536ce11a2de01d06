/** Files that are no budgets: one line each, and wrong usage. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readBudgets } from "./budgets.ts";

const folder = mkdtempSync(join(tmpdir(), "fullhouse-budgets-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const known = "edge CPU a Gbps, generator memory a viewer, edge memory a viewer, bytes that are no";
const mustGive = new RegExp(`: must give numbers above 0 for some of: ${known}.* \\(got `);

test("the budgets of this repository are taken", () => {
  expect(readBudgets(resolve(import.meta.dirname, "../budgets.json")).size).toBeGreaterThan(0);
});

test.each([
  ["a file that is not there", undefined, /: there is no such file$/],
  ["a text", "edge CPU:\n0.3", /: is no JSON$/],
  ["a list", "[1]", mustGive],
  ["a cost of nothing", '{"stall ratio":0}', /got "stall ratio"\)$/],
  ["a name that every object has", '{"constructor":1}', /got "constructor"\)$/],
  ["another file", JSON.stringify({ ["metrics of a run ".repeat(50)]: [] }), mustGive],
])("%s is refused in one short line", (_, text, words) => {
  const file = join(folder, "costs.json");
  rmSync(file, { force: true });
  if (text !== undefined) writeFileSync(file, text);
  const read = (): unknown => readBudgets(file);
  expect(read).toThrow(words);
  expect(read).toThrow(expect.objectContaining({ code: "USAGE" }) as Error);
  expect(read).not.toThrow(/\n|.{320}/);
});

test("a folder is refused as one", () => {
  expect(() => readBudgets(folder)).toThrow(`--budgets ${folder}: is a folder, and must be a file`);
});
