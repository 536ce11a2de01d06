/** What a slow or absent reader of the log, or a full disk, does to a program: nothing but lost lines. */
import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

interface Told {
  wroteMs: number;
  lateMs: number;
}

/** Starts a process that logs to the given standard error; see testing/log-writer.ts. */
async function startWriter(stderr: "pipe" | number) {
  const stdio: StdioOptions = ["ignore", "ignore", stderr, "ipc"];
  const file = join(import.meta.dirname, "testing/log-writer.ts");
  const child = spawn(process.execPath, ["--import", "tsx", file], { stdio });
  children.push(child);
  await once(child, "message");
  return {
    stderr: child.stderr!,
    ended: once(child, "exit") as Promise<[number | null, string | null]>,
    send: (command: "die" | "exit") => child.send(command),
    write: async (command: { lineCount: number; lineBytes: number }): Promise<Told> => {
      const told = once(child, "message") as Promise<[Told]>;
      child.send(command);
      return (await told)[0];
    },
  };
}

function linesOf(text: string): Record<string, unknown>[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("a reader that does not read stops neither the program nor its memory, and learns what it missed", async () => {
  const writer = await startWriter("pipe");
  writer.stderr.pause();
  // 20 MB into a pipe of 64 kB.
  const told = await writer.write({ lineCount: 20_000, lineBytes: 1_000 });
  expect(told.wroteMs).toBeLessThan(5_000);
  expect(told.lateMs).toBeLessThan(1_000);
  // The reader reads again: the next lines say that some are missing.
  let text = "";
  writer.stderr.on("data", (chunk) => (text += String(chunk))).resume();
  while (!text.includes("log lines were lost")) await once(writer.stderr, "data");
  await writer.write({ lineCount: 2, lineBytes: 10 });
  writer.send("exit");
  await once(writer.stderr, "end");
  expect(await writer.ended).toEqual([0, null]);
  const lines = linesOf(text);
  const lost = lines.filter(({ msg }) => msg === "log lines were lost");
  const written = lines.filter(({ index }) => index !== undefined).length;
  expect(lost).toMatchObject([{ level: 40, reason: "the reader is too slow" }]);
  expect(written + Number(lost[0]!["leftOut"])).toBe(20_002);
  expect(written).toBeLessThan(3_000);
});

test("a reader that is gone costs lines, not the program", async () => {
  const writer = await startWriter("pipe");
  writer.stderr.destroy();
  for (let i = 0; i < 3; i++) {
    const { lateMs } = await writer.write({ lineCount: 100, lineBytes: 1_000 });
    expect(lateMs).toBeLessThan(1_000);
  }
  writer.send("exit");
  expect(await writer.ended).toEqual([0, null]);
});

test("a full disk costs lines, not the program, and does not keep it from ending", async () => {
  // Where there is no such device, one that cannot be written at all.
  const full = existsSync("/dev/full")
    ? openSync("/dev/full", "w")
    : openSync(import.meta.filename, "r");
  const writer = await startWriter(full);
  for (let i = 0; i < 3; i++) await writer.write({ lineCount: 100, lineBytes: 100 });
  writer.send("die");
  expect(await writer.ended).toEqual([1, null]);
});

test("the last words are written before the process ends, in order", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-log-"));
  try {
    const path = join(folder, "log");
    const writer = await startWriter(openSync(path, "a"));
    writer.send("die");
    await writer.ended;
    const words = linesOf(readFileSync(path, "utf8")).map(({ msg }) => msg);
    expect(words).toEqual(["almost the last word", "the last word"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
