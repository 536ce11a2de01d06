import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { findOrBuildK6 } from "./find-or-build-k6.ts";

test("without k6 and without Go, what is missing is an operating error with what to type", async () => {
  const empty = mkdtempSync(join(tmpdir(), "fullhouse-no-k6-"));
  vi.stubEnv("PATH", empty);
  vi.stubEnv("XDG_CACHE_HOME", empty);
  try {
    await expect(findOrBuildK6(() => undefined)).rejects.toMatchObject({
      code: "TOOL_MISSING",
      message: expect.stringContaining("node loadtest/k6/build/build.mjs") as unknown,
    });
  } finally {
    vi.unstubAllEnvs();
    rmSync(empty, { recursive: true, force: true });
  }
});
