import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { AppError } from "../base/errors.ts";
import { loadConfig, readValue } from "./config-file.ts";

const folder = mkdtempSync(join(tmpdir(), "fullhouse-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(text: string): string {
  const file = join(folder, "fullhouse.yaml");
  writeFileSync(file, text);
  return file;
}

function load(text: string, settings: string[] = [], environment: Record<string, string> = {}) {
  return loadConfig({ file: fileOf(text), settings, environment });
}

function problemOf(run: () => unknown): { code: string; message: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) {
      return { code: error.code, message: error.message.replaceAll(`${folder}/`, "") };
    }
    throw error;
  }
  throw new Error("nothing was wrong");
}

test("the file, the environment and --set override one another in this order", () => {
  const text = "ladder:\n  capKbps: 450\n  audioRung: false\nnode:\n  name: a\n";
  const { config, sources } = load(text, ["ladder.capKbps=300"], {
    FULLHOUSE_LADDER__CAP_KBPS: "400",
    FULLHOUSE_NODE__NAME: "7",
  });
  expect(config.ladder.capKbps).toBe(300);
  expect(config.ladder.audioRung).toBe(false);
  expect(config.node.name).toBe("7");
  expect(sources.get("ladder.capKbps")).toBe("--set ladder.capKbps");
  expect(sources.get("ladder.audioRung")).toBe(`${folder}/fullhouse.yaml:3`);
  expect(sources.get("node.name")).toBe("FULLHOUSE_NODE__NAME");
  expect(sources.has("window.segmentCount")).toBe(false);
});

test("an empty file and one of comments only are the defaults", () => {
  for (const text of ["", "# nothing\n"]) expect(load(text).config.node.name).toBe("node");
});

test("all problems are listed at once, with line, key, rule and value", () => {
  const text = "ladder:\n  capKbps: 5\n  colour: red\nfeeds:\n  - name: main\n  - name: Main\n";
  const { code, message } = problemOf(() => load(text));
  expect(code).toBe("CONFIG_INVALID");
  expect(message.split("\n").sort()).toEqual([
    "  fullhouse.yaml:2: ladder.capKbps must be at least 100: below that no picture is worth sending, got 5",
    '  fullhouse.yaml:3: ladder.colour is not a known key, got "red"',
    '  fullhouse.yaml:6: feeds.1.name must be 1 to 32 of a-z, 0-9 and -, got "Main"',
    "the configuration has 3 problems:",
  ]);
});

test("broken YAML is refused with the line", () => {
  const { code, message } = problemOf(() => load("node:\n  name: a\n  name: b\nladder: [\n"));
  expect(code).toBe("CONFIG_INVALID");
  expect(message).toMatch(/^ {2}fullhouse\.yaml:3: /m);
});

test("a file that does not exist, is a folder or holds a list is refused", () => {
  const none = { settings: [], environment: {} };
  expect(problemOf(() => loadConfig({ file: join(folder, "none.yaml"), ...none }))).toEqual({
    code: "CONFIG_UNREADABLE",
    message: "cannot read none.yaml: it does not exist",
  });
  expect(problemOf(() => loadConfig({ file: folder, ...none })).code).toBe("CONFIG_UNREADABLE");
  expect(problemOf(() => load("- a\n")).code).toBe("CONFIG_INVALID");
});

test("a wrong --set is wrong usage and names itself", () => {
  expect(problemOf(() => load("", ["window"])).code).toBe("USAGE");
  const { code, message } = problemOf(() => load("", ["window.segments=9"]));
  expect(code).toBe("USAGE");
  expect(message).toContain("--set window.segments: window.segments is not a known key, got 9");
});

function check(key: string, text: string, expected: unknown): void {
  expect(readValue(key, text), `${key}=${text}`).toEqual(expected);
}

test("a text becomes the value its key wants", () => {
  check("node.name", "123", "123");
  check("tier.secret", "true", "true");
  check("tier.listen", "null", null);
  check("tier.listen", "127.0.0.1:0", "127.0.0.1:0");
  check("ladder.capKbps", "300", 300);
  check("ladder.audioRung", "false", false);
  check("parents", "[http://a:1, http://b:2]", ["http://a:1", "http://b:2"]);
  check("feeds", "[{name: one}]", [{ name: "one" }]);
  check("unknown", "x", "x");
});

test("a text that is no YAML is refused, and repeated unless it may hold a key", () => {
  expect(problemOf(() => readValue("ladder", "{ a")).message).toContain('"{ a"');
  expect(problemOf(() => readValue("feeds", "[{ raw-key")).message).not.toContain("raw-key");
});
