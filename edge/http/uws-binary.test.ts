import { createRequire } from "node:module";
import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkNativeBinary, thisPlatform, type Platform } from "./uws-binary.ts";

const require = createRequire(import.meta.url);
const installed = (file: string): string => require.resolve(`uWebSockets.js/${file}`);

function check(on: Platform, message: RegExp, resolve = installed): void {
  const codeAndMessage = expect.objectContaining({
    code: "PLATFORM_UNSUPPORTED",
    message: expect.stringMatching(message) as string,
  }) as Error;
  expect(() => checkNativeBinary(resolve, on)).toThrow(codeAndMessage);
}

test("the installed binary of every supported platform is the trusted one", () => {
  for (const platform of ["linux", "darwin"]) {
    for (const arch of ["x64", "arm64"]) {
      for (const abi of ["115", "127", "137"]) {
        checkNativeBinary(installed, { platform, arch, abi, nodeVersion: "" });
      }
    }
  }
});

test("a platform without a binary gets one clear line", () => {
  const here = thisPlatform();
  check({ ...here, platform: "win32" }, /does not run on win32/);
  check({ ...here, abi: "999", nodeVersion: "99.0.0" }, /with Node 99\.0\.0: use .* 20, 22 or 24$/);
  check({ ...here, arch: "constructor" }, /does not run on/);
});

test("a binary that is missing or altered is refused", () => {
  const dir = mkdtempSync(join(tmpdir(), "fullhouse-uws-"));
  try {
    check(thisPlatform(), /is missing/, (file) => join(dir, file));
    const altered = join(dir, "altered.node");
    writeFileSync(altered, "not a binary");
    check(thisPlatform(), /is not the trusted build/, () => altered);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
