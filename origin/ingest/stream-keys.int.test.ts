import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AppError } from "../../src/base/errors.ts";
import { hashStreamKey, loadStreamKeys, streamKeyPath } from "./stream-keys.ts";

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "fullhouse-keys-"));
});
afterEach(() => rmSync(stateDir, { recursive: true }));

const feed = (name: string, keys: { main?: string[]; standby?: string[] }) => ({
  name,
  keyHashes: (keys.main ?? []).map(hashStreamKey),
  standbyKeyHashes: (keys.standby ?? []).map(hashStreamKey),
});

test("a key's hash is its SHA-256", () => {
  const hash = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
  expect(hashStreamKey("foo")).toBe(`sha256:${hash}`);
});

test("keys lead to their feed and kind, others to nothing", () => {
  const keys = loadStreamKeys({
    stateDir,
    feeds: [feed("a", { main: ["k1", "k2"], standby: ["k3"] }), feed("b", { main: ["k4"] })],
  });
  expect(["k1", "k2", "k3", "k4", "k5", ""].map((key) => keys.find(key))).toEqual([
    { feed: "a", standby: false },
    { feed: "a", standby: false },
    { feed: "a", standby: true },
    { feed: "b", standby: false },
    undefined,
    undefined,
  ]);
  expect(readdirSync(stateDir)).toEqual([]);
});

test("a feed without a key gets one of its own, once, that only the owner may read", () => {
  const feeds = [feed("main", { standby: ["k3"] })];
  const folder = join(stateDir, "new");
  loadStreamKeys({ stateDir: folder, feeds });
  const path = streamKeyPath(folder, "main");
  const key = readFileSync(path, "utf8").trim();
  expect(key).toMatch(/^[\w-]{24}$/);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const again = loadStreamKeys({ stateDir: folder, feeds });
  expect(again.find(key)).toEqual({ feed: "main", standby: false });
  expect(readFileSync(path, "utf8").trim()).toBe(key);
});

test("a key file that others may read is closed to them", () => {
  const path = streamKeyPath(stateDir, "main");
  writeFileSync(path, "found\n", { mode: 0o644 });
  const keys = loadStreamKeys({ stateDir, feeds: [feed("main", {})] });
  expect(keys.find("found")).toEqual({ feed: "main", standby: false });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test.each<[string, (path: string) => void, string]>([
  ["empty", (path) => writeFileSync(path, ""), "it is empty; delete it to have a new key made"],
  ["a folder", (path) => mkdirSync(path), "EISDIR"],
])("a key file that is %s is an operating error that names it", (_, prepare, message) => {
  const path = streamKeyPath(stateDir, "main");
  prepare(path);
  const load = () => loadStreamKeys({ stateDir, feeds: [feed("main", {})] });
  expect(load).toThrow(AppError);
  expect(load).toThrow(`the stream key file ${path}: ${message}`);
});
