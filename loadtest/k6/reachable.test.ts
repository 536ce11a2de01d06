import { expect, test } from "vitest";
import {
  codeLineCount,
  filesForK6,
  hasRuntimeCode,
  k6Scripts,
  reachableFrom,
  runtimeImports,
} from "./reachable.ts";

/** Each VU instantiates them; memory.int.test.ts measures what that takes. */
const codeLineCountMax = 1_270;

test.each(k6Scripts())("%s keeps within the lines that thousands of VUs can afford", (script) => {
  const files = reachableFrom(script);
  expect(files).toContain("src/viewer/viewers.ts");
  const count = files.reduce((sum, file) => sum + codeLineCount(file), 0);
  expect(count).toBeLessThanOrEqual(codeLineCountMax);
});

test.each(k6Scripts())(
  "%s imports files of types alone as types, for k6 hangs on them",
  (script) => {
    expect(reachableFrom(script).filter((file) => !hasRuntimeCode(file))).toEqual([]);
  },
);

test("k6 is given at least one script", () => {
  expect(k6Scripts()).toContain("loadtest/k6/scripts/smoke.ts");
});

test.each(filesForK6())(
  "%s imports no package and nothing outside base, hls and viewer",
  (file) => {
    for (const target of runtimeImports(file)) expect(target).toMatch(/^src\/(base|hls|viewer)\//);
  },
);
