import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AppError } from "../base/errors.ts";
import { lockState } from "./state-lock.ts";

let stateDir = "";
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "fullhouse-lock-"));
});
afterEach(() => rmSync(stateDir, { recursive: true }));

const lock = (program = "origin") => lockState({ stateDir, program, advice: "stop it" });
const lockFile = () => join(stateDir, "origin.pid");

test("a folder is one program's until it is released, and leaves nothing behind", () => {
  const release = lock();
  expect(lock).toThrow(AppError);
  expect(lock).toThrow(`${stateDir} is used by process ${process.pid}: stop it`);
  lock("start")();
  release();
  expect(readdirSync(stateDir)).toEqual([]);
  lock()();
});

test("a folder that cannot be made is refused at once: in /proc there are no new ones", () => {
  const lock = (): unknown =>
    lockState({ stateDir: "/proc/x/y", program: "start", advice: "choose another" });
  expect(lock).toThrow(/^cannot use the state folder \/proc\/x\/y: E(NOENT|ACCES)/);
});

test.each<[string, (own: string) => string]>([
  ["that runs no more", () => "4194305 1"],
  ["whose number another process has now", (own) => own.replace(/ .*/, " 1")],
  ["unknown, because the file is empty", () => ""],
])("a lock of a holder %s is taken over", (_, stale) => {
  const release = lock();
  const own = readFileSync(lockFile(), "utf8");
  release();
  writeFileSync(lockFile(), stale(own));
  const again = lock();
  expect(readFileSync(lockFile(), "utf8")).toBe(own);
  again();
});

test("of many that start at once over a dead holder's lock, one gets the folder", async () => {
  writeFileSync(lockFile(), "4194305 1");
  const script = `
    const { lockState } = await import(${JSON.stringify(join(import.meta.dirname, "state-lock.ts"))});
    process.send("here");
    process.once("message", () => {
      try {
        lockState({ stateDir: ${JSON.stringify(stateDir)}, program: "origin", advice: "" });
        process.send("has it");
      } catch (error) {
        process.send(error.code);
      }
    });
    process.once("disconnect", () => process.exit());`;
  const args = ["--import", "tsx", "--input-type=module", "-e", script];
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] }),
  );
  const answers = (): Promise<unknown[]> =>
    Promise.all(children.map(async (child) => ((await once(child, "message")) as unknown[])[0]));
  try {
    await answers();
    const verdicts = answers();
    for (const child of children) child.send("go");
    expect((await verdicts).sort()).toEqual([
      "STATE_UNUSABLE",
      "STATE_UNUSABLE",
      "STATE_UNUSABLE",
      "has it",
    ]);
  } finally {
    for (const child of children) child.kill("SIGKILL");
  }
});
