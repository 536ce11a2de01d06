import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { pino } from "pino";
import { expect, test } from "vitest";
import { closeInReverse } from "./lifecycle.ts";

const log = pino({ level: "silent" });
const sleeper = join(import.meta.dirname, "testing/sleeper.ts");

interface Run {
  child: ChildProcess;
  /** Resolves when the program has written the word. */
  says: (word: string) => Promise<void>;
  /** Exit code and everything it wrote. */
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

function run(mode: string): Run {
  const child = spawn(process.execPath, ["--import", "tsx", sleeper, mode], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  // Not the child's "close": it does not come after disconnect().
  const ended = Promise.all([
    once(child, "exit"),
    once(child.stdout!, "close"),
    once(child.stderr!, "close"),
  ]).then(([[code]]) => ({ code: code as number | null, stdout, stderr }));
  const says = async (word: string): Promise<void> => {
    while (!stdout.includes(word)) await once(child.stdout!, "data");
  };
  return { child, says, ended };
}

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s closes and exits with 0",
  async (signal) => {
    const { child, says, ended } = run("");
    await says("up");
    child.kill(signal);
    expect(await ended).toMatchObject({ code: 0, stdout: "up\nclosing\nclosed\n" });
  },
);

test("it closes when the process that started it is gone", async () => {
  const { child, says, ended } = run("");
  await says("up");
  child.disconnect();
  expect(await ended).toMatchObject({ code: 0, stdout: "up\nclosing\nclosed\n" });
});

test("a second signal ends it at once, but not the echo of the first", async () => {
  const { child, says, ended } = run("slow");
  await says("up");
  child.kill("SIGINT");
  child.kill("SIGINT");
  await says("still closing");
  child.kill("SIGINT");
  expect((await ended).code).toBe(130);
});

test("what closes too late is named, and the exit code says so", async () => {
  const { child, says, ended } = run("stuck");
  await says("up");
  child.kill("SIGTERM");
  const { code, stderr } = await ended;
  expect(code).toBe(1);
  expect(stderr).toContain("sleeper did not close within 200 ms");
});

test.each([
  ["refuse", "the port is taken"],
  ["throw", "uncaught exception"],
  ["reject", "nobody handles this"],
])("a start that goes wrong (%s) is logged and exits with 1", async (mode, words) => {
  const { code, stderr } = await run(mode).ended;
  expect(code).toBe(1);
  expect(stderr).toContain(words);
});

test("parts close one after the other, the last started first", async () => {
  const order: string[] = [];
  const part = (name: string) => ({
    name,
    close: async () => {
      order.push(`${name} begins`);
      await Promise.resolve();
      order.push(`${name} ends`);
    },
  });
  expect(await closeInReverse([part("a"), part("b")], { deadlineMs: 1_000, log })).toBe(true);
  expect(order).toEqual(["b begins", "b ends", "a begins", "a ends"]);
});
