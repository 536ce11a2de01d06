/** What an origin holds on its machine while it runs, and leaves behind when it is gone. */
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { TestOrigin } from "./testing/test-origin.ts";

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
