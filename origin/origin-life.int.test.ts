/** What an origin holds on its machine while it runs, and leaves behind when it is gone. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { TestOrigin } from "./testing/test-origin.ts";
import { openSocketFolder } from "./transcode/socket-folder.ts";

test("a second origin on the state folder of a running one is refused, and changes nothing", async () => {
  const origin = await TestOrigin.start();
  const { stateDir } = origin;
  try {
    const before = readdirSync(stateDir);
    await expect(TestOrigin.start({ stateDir })).rejects.toMatchObject({
      code: "STATE_UNUSABLE",
      message: expect.stringContaining(`is used by process ${process.pid}`) as string,
    });
    expect(readdirSync(stateDir)).toEqual(before);
    expect((await origin.status()).state).toBe("offline");
  } finally {
    await origin.close();
  }
});

test("sockets that a killed origin has left are swept at the next start on its state folder", () => {
  const stateDir = mkdtempSync(join(tmpdir(), "fullhouse-sockets-"));
  const killed = openSocketFolder(stateDir);
  writeFileSync(join(killed.path, "left"), "");
  const next = openSocketFolder(stateDir);
  expect(next.path).toBe(killed.path);
  expect(readdirSync(next.path)).toEqual([]);
  expect(statSync(next.path).mode & 0o777).toBe(0o700);
  next.remove();
  expect(() => statSync(next.path)).toThrow("ENOENT");
  rmSync(stateDir, { recursive: true });
});
