import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { AppError } from "../base/errors.ts";
import { loadScenario, type LoadedScenario } from "./scenario-file.ts";

const folder = mkdtempSync(join(tmpdir(), "fullhouse-scenario-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function load(scenario: string, settings: string[] = []): LoadedScenario {
  return loadScenario({ scenario, settings });
}

function refusalOf(run: () => unknown): { code: string; message: string } {
  try {
    run();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { code: error.code, message: error.message.replaceAll(`${folder}/`, "") };
  }
  throw new Error("nothing was refused");
}

test("a file takes over what it extends, over any number of files, but for name and title", () => {
  file("first.yaml", "extends: oprah-2008\ntitle: First\nladder:\n  capKbps: 450\n");
  const path = file("second.yaml", "extends: first.yaml\ntopology:\n  edges: 7\n");
  const { scenario, sources } = load(path, ["topology.shields=1", "audience.rttMs=30"]);
  expect(scenario).toMatchObject({ name: "second", title: "", durationSec: 6_900 });
  expect(scenario.ladder.capKbps).toBe(450);
  expect(scenario.topology).toMatchObject({ edges: 7, shields: 1 });
  expect(scenario.audience).toMatchObject({ accessKbpsMedian: 2_592, rttMs: 30 });
  expect(sources.get("topology.edges")).toBe(`${path}:3`);
  expect(sources.get("ladder.capKbps")).toBe(`${join(folder, "first.yaml")}:4`);
  expect(sources.get("topology.shields")).toBe("--set topology.shields");
});

test("a file beside another extends it by name", () => {
  file("base.yaml", "seed: 9\n");
  expect(load(file("variant.yaml", "extends: base\n")).scenario.seed).toBe(9);
});

test("a file extends neither itself nor what does not exist", () => {
  file("a.yaml", "extends: b\n");
  file("b.yaml", "seed: 1\nextends: a\n");
  const circle = refusalOf(() => load(join(folder, "a.yaml")));
  expect(circle.code).toBe("CONFIG_INVALID");
  expect(circle.message).toBe(
    "b.yaml:2: extends a leads back to a.yaml: a scenario cannot extend itself",
  );
  const itself = refusalOf(() => load(file("c.yaml", "extends: c.yaml\n")));
  expect(itself.message).toContain("c.yaml:1: extends c.yaml leads back");
  const none = refusalOf(() => load(file("d.yaml", "extends: nowhere\n")));
  expect(none.message).toMatch(/^d\.yaml:1: extends is wrong: there is no scenario nowhere; known/);
  const list = refusalOf(() => load(file("e.yaml", "extends: [a, b]\n")));
  expect(list.message).toBe("e.yaml:1: extends must be the name or path of a scenario");
});

test("an unknown scenario is wrong usage, named, with those there are", () => {
  for (const name of ["oprah-2007", "none/such.yaml", "../oprah-2008"]) {
    const { code, message } = refusalOf(() => load(name));
    expect(code).toBe("USAGE");
    expect(message).toContain(`there is no scenario ${name}`);
    expect(message).toContain("capacity-halved, ci, edge-loss, flash-crowd, oprah-2008, ");
  }
});

test("an unknown or wrong --set is wrong usage and names its key", () => {
  const { code, message } = refusalOf(() => load("oprah-2008", ["ladder.cap=300", "seed=x"]));
  expect(code).toBe("USAGE");
  expect(message.split("\n")).toEqual([
    "the scenario oprah-2008 has 2 problems:",
    '  --set seed: seed must be a number, got "x"',
    "  --set ladder.cap: ladder.cap is not a known key, got 300",
  ]);
  expect(refusalOf(() => load("oprah-2008", ["seed"])).code).toBe("USAGE");
});

test("an impossible scenario is refused with every problem, each with its file and line", () => {
  file("low.yaml", "audience:\n  churnPerMinRatio: -0.5\n");
  const path = file(
    "impossible.yaml",
    [
      "extends: low.yaml",
      "ladder: { capKbps: 50 }",
      "topology:",
      "  edges: 0",
      "  edgeKbpsPerViewer: 0",
      "colour: red",
      "durationSec: 100",
      "events:",
      "  - { kind: edge-up, atSec: 101, count: 1 }",
    ].join("\n"),
  );
  const { code, message } = refusalOf(() => load(path));
  expect(code).toBe("CONFIG_INVALID");
  expect(message.split("\n")).toEqual([
    `the scenario impossible.yaml has 6 problems:`,
    "  impossible.yaml:2: ladder.capKbps must be at least 100: below that no picture is worth sending, got 50",
    "  low.yaml:2: audience.churnPerMinRatio must be at least 0, got -0.5",
    "  impossible.yaml:4: topology.edges must be at least 1, got 0",
    "  impossible.yaml:5: topology.edgeKbpsPerViewer must be above 0, got 0",
    '  impossible.yaml:6: colour is not a known key, got "red"',
    "  impossible.yaml:9: events.0.atSec must be within durationSec, got 101",
  ]);
});

test("a file that is no YAML, or no scenario, is refused", () => {
  expect(refusalOf(() => load(file("broken.yaml", "seed: [\n"))).message).toContain("broken.yaml:");
  expect(refusalOf(() => load(file("list.yaml", "- 1\n"))).code).toBe("CONFIG_INVALID");
});

test("what is no regular file, or too large for a scenario, is refused before it is read", () => {
  expect(refusalOf(() => load("/dev/null"))).toEqual({
    code: "CONFIG_UNREADABLE",
    message: "/dev/null is no scenario: it is no regular file",
  });
  mkdirSync(join(folder, "folder.yaml"));
  expect(refusalOf(() => load(join(folder, "folder.yaml"))).message).toBe(
    "folder.yaml is no scenario: it is a folder",
  );
  const huge = file("huge.yaml", "");
  // Sparse, and longer than readFileSync takes: reading it would fail in another way.
  truncateSync(huge, 2 ** 33);
  expect(refusalOf(() => load(huge)).message).toBe("huge.yaml is no scenario: it is over 1 MiB");
});

test("the night of 2008 may be shortened: its plateau follows", () => {
  const { plateau } = load("oprah-2008", ["durationSec=1200"]).scenario;
  expect(plateau).toEqual({ fromSec: 400, toSec: 1_200 });
});

test("a rule over several keys that a --set breaks is the fault of the --set", () => {
  const path = file("stated.yaml", "durationSec: 600\nplateau:\n  fromSec: 500\n  toSec: 600\n");
  const set = refusalOf(() => load(path, ["seed=2", "durationSec=400"]));
  expect(set.code).toBe("USAGE");
  expect(set.message.split("\n")[1]).toBe(
    "  --set durationSec: plateau.toSec must be within durationSec, got 600 (stated.yaml:4)",
  );
  const own = file("own.yaml", "plateau:\n  fromSec: 500\n  toSec: 400\n");
  const mixed = refusalOf(() => load(own, ["seed=2"]));
  expect(mixed.code).toBe("CONFIG_INVALID");
  expect(mixed.message).toContain(
    "own.yaml:2: plateau.fromSec must be before plateau.toSec, got 500",
  );
});
