import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { MutationRandom, Mutator } from "./mutator.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const project = fileURLToPath(new URL("../..", import.meta.url));

async function fuzz(...args: string[]): Promise<{ code: number | null; output: string }> {
  const planted = ["--root", `${folder}planted`, ...args];
  const child = spawn("node", ["--import", "tsx", `${folder}main.ts`, ...planted], {
    cwd: project,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (text) => (output += String(text)));
  child.stderr.on("data", (text) => (output += String(text)));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}

/** The file that the output names. */
function writtenInput(output: string): string {
  return /--input (\S+)/.exec(output)![1]!;
}

test("a bug behind three bytes is found by coverage, written down, and found again", async () => {
  const { code, output } = await fuzz("--seconds", "30", "--seed", "1", "throws");
  expect(code).toBe(1);
  expect(output).toContain("throws: FAILED with seed 1: Error: the planted bug");
  const path = writtenInput(output);
  expect(readFileSync(path).subarray(0, 3).toString()).toBe("Bug");
  const again = await fuzz("--input", path, "throws");
  expect(again).toMatchObject({ code: 1 });
  expect(again.output).toContain("the planted bug");
  rmSync(path);
});

test.each([
  ["hangs", "hangs: not done after 5000 ms"],
  ["allocates", "bytes, allowed are 67108864"],
  ["slow", "allowed are 20"],
  ["leaks", "ERR_WORKER_OUT_OF_MEMORY"],
])("the planted target %s fails, with its input", async (name, message) => {
  const { code, output } = await fuzz("--seconds", "30", "--seed", "1", name);
  expect(output).toContain(`${name}: FAILED with seed 1: `);
  expect(output).toContain(message);
  expect(code).toBe(1);
  rmSync(writtenInput(output));
});

test("a sound target passes, and says how many runs it had", async () => {
  const { code, output } = await fuzz("--seconds", "1", "sound");
  expect(output).toMatch(/^seed \d+\nsound: \d{4,} runs in 1\.\d s, corpus 1 \+ 0 found/);
  expect(code).toBe(0);
});

test.each([
  [["nothing-of-that-name"], "no such target: nothing-of-that-name; there are allocates, hangs"],
  [["--seconds", "many"], "--seconds and --seed: numbers"],
  [["--input", "x"], "--input needs one NAME"],
])("wrong usage (%j) is exit code 2", async (args, message) => {
  const { code, output } = await fuzz(...args);
  expect(output).toContain(message);
  expect(code).toBe(2);
});

test("the same seed makes the same inputs, another seed others", () => {
  const inputs = (seed: number): string[] => {
    const pool = [Uint8Array.from({ length: 40 }, (_, i) => i), Uint8Array.of()];
    const mutator = new Mutator({ seed, pool, dictionary: ["token"], inputBytesMax: 50 });
    return Array.from({ length: 500 }, () => mutator.next().join(" "));
  };
  expect(inputs(7)).toEqual(inputs(7));
  expect(inputs(7)).not.toEqual(inputs(8));
  expect(inputs(7).every((input) => input.split(" ").length <= 50)).toBe(true);
  expect(new MutationRandom(1).below(0)).toBe(0);
});
