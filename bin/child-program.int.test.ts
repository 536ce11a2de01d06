import { expect, test } from "vitest";
import { ChildProgram } from "./child-program.ts";
import { TestCard } from "./test-card.ts";

test("a program that cannot be started has ended, with a reason", async () => {
  const child = new ChildProgram({
    command: "/no/such/program",
    args: [],
    onLine: () => undefined,
  });
  expect(await child.ready).toBeUndefined();
  expect((await child.ended).how).toBe("cannot be started: spawn /no/such/program ENOENT");
  await child.stop(1_000);
});

test("a test card whose encoder has vanished goes on trying", async () => {
  let askedCount = 0;
  await new Promise<void>((resolve, reject) => {
    const card = new TestCard({
      ffmpegPath: "/no/such/ffmpeg",
      url: () => "rtmp://127.0.0.1:1/live/key",
      // Asked once before the first try, and again only if that did not end it.
      othersPublish: () => {
        askedCount += 1;
        if (askedCount === 2) card.stop().then(resolve, reject);
        return Promise.resolve(false);
      },
      say: () => undefined,
    });
  });
  expect(askedCount).toBe(2);
});
