/** Files of recorded nights that cannot be: each is refused with the key, the rule and what it got. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { AppError } from "../../src/base/errors.ts";
import type { SimInputs } from "../../src/config/schema-sim-inputs.ts";
import { scenarioOf } from "../../src/sim/testing/scenario-of.ts";
import { readInputsFile } from "./inputs-file.ts";

const folder = mkdtempSync(join(tmpdir(), "fullhouse-inputs-"));
afterAll(() => rmSync(folder, { recursive: true }));

const sound: SimInputs = {
  version: 1,
  commit: "test",
  scenario: scenarioOf({
    durationSec: 60,
    plateau: { fromSec: 20, toSec: 60 },
    audience: { viewerCount: 100, arrivals: [{ atSec: 0, ratio: 1 }] },
    topology: { edges: 4 },
  }),
  capsKbps: [400],
  inputs: [
    { kind: "join", count: 60, atUs: 2_000_000 },
    { kind: "cap", capKbps: 400, atUs: 2_000_000 },
    { kind: "edge-down", count: 3, detection: "silent", atUs: 20_000_000 },
  ],
  endedUs: 60_000_000,
};
const [first, ...rest] = sound.inputs;

function messageFor(text: string): string {
  const path = join(folder, "inputs.json");
  writeFileSync(path, text);
  try {
    readInputsFile(path);
    return "";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.code).toBe("INPUTS_UNUSABLE");
    return error.message.replace(path, "FILE");
  }
}

test("a sound file is read as it was written, defaults of older scenarios filled in", () => {
  const path = join(folder, "sound.json");
  writeFileSync(path, JSON.stringify(sound));
  expect(readInputsFile(path)).toEqual(sound);
  const viewer = { ...sound.scenario.viewer, holdBackTargetDurations: undefined };
  const older = { ...sound, scenario: { ...sound.scenario, viewer } };
  writeFileSync(path, JSON.stringify(older));
  expect(readInputsFile(path)).toEqual(sound);
});

test.each<[string, object, string]>([
  ["of a newer version", { version: 2 }, "version must be 1: a file of another version"],
  ["without a version", { version: undefined }, "got nothing"],
  ["with an unknown key", { extra: 5 }, "extra is not a known key, got 5"],
  ["with no scenario", { scenario: 7 }, "scenario must be keys and values, got 7"],
  [
    "with a wrong scenario",
    { scenario: { ...sound.scenario, seed: -1 } },
    "scenario.seed must be at",
  ],
  ["with a wrong cap", { capsKbps: [99] }, "capsKbps.0 must be at least 100, got 99"],
  [
    "with more rates than a relay has tracks for",
    { capsKbps: Array.from({ length: 9 }, (_, n) => 1_000 + n) },
    "capsKbps must make at most 13 different rates",
  ],
  ["of nothing", { endedUs: 0 }, "endedUs must be at least 1, got 0"],
  ["that ends within a window", { endedUs: 59_000_000 }, "endedUs must be a multiple of 2000000"],
  [
    "that ends after itself",
    { endedUs: 62_000_000 },
    "within the scenario's duration, got 62000000",
  ],
  ["with no list", { inputs: {} }, "inputs must be a list, got {}"],
  [
    "with an unknown kind",
    { inputs: [{ kind: "flood", atUs: 0 }] },
    "inputs.0.kind must have a kind",
  ],
  [
    "with an input within a window",
    { inputs: [{ ...first, atUs: 1 }] },
    "inputs.0.atUs must be a m",
  ],
  ["out of order", { inputs: [...rest, first] }, "inputs.2.atUs must be a multiple of 2000000"],
  ["told after its end", { endedUs: 20_000_000 }, "inputs.2.atUs must be a multiple of"],
  [
    "with too many viewers",
    { inputs: [{ ...first, count: 101 }] },
    "inputs.0.count must be at most 100",
  ],
  [
    "without an edge",
    { inputs: [{ ...rest[1], count: 4 }] },
    "inputs.0.count must leave one of 4 edges",
  ],
  ["with a cap it has not", { capsKbps: [] }, "inputs.1.capKbps must be one of null, 150, 300"],
])("a night %s is refused", (_, change, words) => {
  const message = messageFor(JSON.stringify({ ...sound, ...change }));
  expect(message).toContain("FILE cannot be replayed: ");
  expect(message).toContain(words);
});

test("problems come all at once, and at most twenty of them", () => {
  const both = messageFor(
    JSON.stringify({ ...sound, endedUs: -1, scenario: { ...sound.scenario, seed: -1 } }),
  );
  expect(both).toMatch(/\n {2}endedUs must .*\n {2}scenario\.seed must/);
  const inputs = Array.from({ length: 500 }, () => ({ kind: "join", count: 0, atUs: -1 }));
  const many = messageFor(JSON.stringify({ ...sound, inputs }));
  expect(many.split("\n")).toHaveLength(22);
  expect(many).toMatch(/\n {2}and 980 more problems$/);
});

test.each([
  ["nothing", ""],
  ["half a file", JSON.stringify(sound).slice(0, 900)],
  ["a list", "[]"],
  ["text", '"inputs"'],
  ["brackets without end", "[".repeat(1_000_000)],
  ["deep nesting", `{"scenario":${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}}`],
  ["quotes without end", `"${'\\"'.repeat(1_000_000)}`],
])("a file of %s is refused in a second", (_, text) => {
  const startMs = performance.now();
  expect(messageFor(text)).toMatch(
    /^FILE cannot be replayed: it (is no JSON|must hold one object)/,
  );
  expect(performance.now() - startMs).toBeLessThan(1_000);
});

test("a prototype is no way in", () => {
  const text = JSON.stringify(sound).replace('"seed":1', '"seed":1,"__proto__":{"seed":-5}');
  expect(messageFor(text)).toBe("");
  expect(messageFor(`{"__proto__":${JSON.stringify(sound)}}`)).toContain("version");
});

test.each([
  ["a folder", "it is no regular file", (path: string) => mkdirSync(path)],
  ["a file of gigabytes", "it is over 67108864 bytes", makeLarge],
  ["no file", "it does not exist", () => undefined],
])("%s is refused before it is read", (name, words, make) => {
  const path = join(folder, name);
  make(path);
  expect(() => readInputsFile(path)).toThrow(words);
});

/** Without a block on the disk. */
function makeLarge(path: string): void {
  writeFileSync(path, "");
  truncateSync(path, 2 ** 33);
}
