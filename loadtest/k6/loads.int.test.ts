/** k6's engine lacks parts of the language: only loading a file in it shows that it can. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { exp, log, pow } from "../../src/base/float.ts";
import { filesForK6, hasRuntimeCode } from "./reachable.ts";
import { runK6 } from "./run-k6.ts";

const root = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "fullhouse-k6-loads-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The first run may have to build k6. */
const buildTimeoutMs = 300_000;

function scriptOf(lines: string[]): string {
  const path = join(folder, "script.ts");
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

test(
  "every file that k6 may reach loads in the real k6",
  async () => {
    const files = filesForK6().filter(hasRuntimeCode);
    expect(files.length).toBeGreaterThan(10);
    const run = await runK6(
      scriptOf([
        ...files.map((file, n) => `import * as m${n} from "${join(root, file)}";`),
        `export default function () {`,
        ...files.map((_, n) => `  console.log("${n} " + typeof m${n});`),
        `}`,
      ]),
    );
    expect(run.stderr).not.toContain("level=error");
    expect(run.code).toBe(0);
    expect(run.stderr.match(/\d+ object/g)).toHaveLength(files.length);
  },
  buildTimeoutMs,
);

test(
  "what k6 cannot load makes its run fail",
  async () => {
    writeFileSync(join(folder, "worse.ts"), `export const flags = /a(?<b>c)/d;\n`);
    const run = await runK6(
      scriptOf([`import { flags } from "./worse.ts";`, `export default () => void flags;`]),
    );
    expect(run.code).not.toBe(0);
    expect(run.stderr).toContain("level=error");
  },
  buildTimeoutMs,
);

test(
  "the own exp, log and pow give the same bits in k6 as here",
  async () => {
    const script = scriptOf([
      `import { exp, log, pow } from "${join(root, "src/base/float.ts")}";`,
      `const chain = ${chain.toString()};`,
      `export default () => console.log("bits " + chain(exp, log, pow) + " end");`,
    ]);
    const run = await runK6(script);
    expect(run.stderr).toContain(`bits ${chain(exp, log, pow)} end`);
  },
  buildTimeoutMs,
);

type Unary = (x: number) => number;

/** Numbers in which every bit of every result counts. */
function chain(e: Unary, l: Unary, p: (base: number, exponent: number) => number): number {
  let state = 1.5;
  for (let n = 0; n < 1_000; n++) state = l(1 + e(p(state, 0.7) - 1)) + (n % 7) / 3;
  return state;
}
