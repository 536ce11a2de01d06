/** A cache that no recording can be kept in is one line before the wait. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { recordingOf } from "./recording.ts";

const folder = mkdtempSync(join(tmpdir(), "fullhouse-recording-"));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const ending = /(?:; [^,]+)?, or set XDG_CACHE_HOME to another folder$/;

test.each([
  ["in /proc, where none can be made", "/proc/x", /\((ENOENT|EACCES)\)/],
  ["below a file", "/dev/null/x", /ENOTDIR/],
  ["where a file has its name", join(folder, "cache"), /ENOTDIR/],
])("a folder %s is refused", async (_, cache, why) => {
  mkdirSync(join(folder, "cache/fullhouse"), { recursive: true });
  writeFileSync(join(folder, "cache/fullhouse/recordings"), "");
  vi.stubEnv("XDG_CACHE_HOME", cache);
  const said: string[] = [];
  const error = await recordingOf(["ladder.name=hd"], (line) => said.push(line)).catch(
    (reason: unknown) => reason as Error & { code: string },
  );
  expect(error).toMatchObject({ code: "STATE_UNUSABLE" });
  const { message } = error as Error;
  expect(message).toContain(`cannot write to ${cache}/fullhouse/recordings: `);
  expect(message).toMatch(why);
  expect(message).toMatch(ending);
  expect(said).toEqual([]);
});
