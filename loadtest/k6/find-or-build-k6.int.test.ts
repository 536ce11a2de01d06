/** Where no k6 is: what is missing, and builds with a stand-in for Go that says what it meets. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findOrBuildK6 } from "./find-or-build-k6.ts";

const buildFile = resolve(import.meta.dirname, "build/build.mjs");
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fullhouse-no-k6-"));
  for (const name of ["bin", "cache", "begun"]) mkdirSync(join(folder, name));
  vi.stubEnv("PATH", join(folder, "bin"));
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** Writes half of what it makes, waits until `meetCount` of its kind have, and then the other half. */
function makeGo(meetCount: number): void {
  const lines = [
    "#!/bin/sh",
    "PATH=/usr/bin:/bin",
    '[ "$1" = version ] && exit 0',
    'while [ "$1" != -o ]; do shift; done',
    `[ -e "$2" ] && echo shared >> ${folder}/met`,
    'printf "#!/bin/sh\\n" > "$2"',
    `[ -e "$(dirname "$2")/k6" ] && echo half >> ${folder}/met`,
    `touch "${folder}/begun/$$"`,
    `until [ "$(ls ${folder}/begun | wc -l)" -ge ${meetCount} ]; do sleep 0.02; done`,
    `printf "echo k6 v2.2.0\\n" >> "$2"`,
    'chmod +x "$2"',
  ];
  writeFileSync(join(folder, "bin/go"), `${lines.join("\n")}\n`);
  chmodSync(join(folder, "bin/go"), 0o755);
}

async function refusal(say: (line: string) => void = () => undefined): Promise<unknown> {
  return findOrBuildK6(say).catch((error: unknown) => error);
}

test("without k6 and without Go, what is missing is an operating error with what to type", async () => {
  expect(await refusal()).toMatchObject({
    code: "TOOL_MISSING",
    message: expect.stringContaining(`run: node ${buildFile} - or`) as unknown,
  });
});

test("two first runs at once both build, and neither ever finds half a k6", async () => {
  makeGo(2);
  const paths = await Promise.all([1, 2].map(() => findOrBuildK6(() => undefined)));
  expect(paths[0]).toMatch(/\/cache\/fullhouse\/k6-[\d.]+\/k6$/);
  expect(paths[1]).toBe(paths[0]);
  expect(existsSync(join(folder, "met"))).toBe(false);
  expect(readdirSync(dirname(paths[0]!))).toEqual(["k6"]);
});

test.each([
  ["in /proc, where no folder can be made", "/proc/x"],
  ["below a file", "/dev/null/x"],
])("a cache %s is refused at once, before k6 is built", async (_, cache) => {
  makeGo(1);
  vi.stubEnv("XDG_CACHE_HOME", cache);
  const said: string[] = [];
  const error = await refusal((line) => said.push(line));
  expect(error).toMatchObject({ code: "TOOL_MISSING" });
  expect((error as Error).message).toMatch(
    new RegExp(
      `^cannot keep k6 in ${cache}/fullhouse/k6-.*: set XDG_CACHE_HOME to a folder of yours$`,
    ),
  );
  expect(said).toEqual([]);
});
