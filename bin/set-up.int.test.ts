/** Set-up on a machine without ffmpeg, played by a PATH that holds nothing but stand-ins. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const setUpModule = join(import.meta.dirname, "setup.mjs");

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fullhouse-set-up-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function standIn(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

/** A package manager that notes what it is asked, and does `install` when it shall install. */
function packageManager(install: string): void {
  const script = `
echo "$0 $*" >> "${folder}/asked"
case "$*" in *install*) ${install} ;; esac`;
  for (const name of ["apt-get", "brew"]) standIn(name, script);
  // Passed through: rights without a password.
  standIn("sudo", 'while true; do case "$1" in -n|*=*) shift ;; *) exec "$@" ;; esac; done');
  standIn("true", "exit 0");
}

/** Puts a stand-in beside the package manager. */
const ffmpeg = (encoders: string): string =>
  `printf '#!/bin/sh\\necho "ffmpeg version 7.0 ${encoders}"\\n' > "\${0%/*}/ffmpeg"
   /bin/chmod +x "\${0%/*}/ffmpeg"`;

function setUp(call = `setUp({ root: ${JSON.stringify(folder)}, purposes: ["run"] })`) {
  const script = `
    const { setUp, setUpFfmpeg } = await import(${JSON.stringify(setUpModule)});
    process.exit((await ${call}) ? 0 : 1);`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    env: { PATH: folder },
  });
  return { status, stderr };
}

test("what is missing is installed, in steps that are shown", () => {
  packageManager(ffmpeg("libx264"));
  const { status, stderr } = setUp();
  expect(stderr).toContain("missing: ffmpeg (makes the ladder (needs libx264))");
  expect(stderr).toMatch(/\$ .*(apt-get|brew) install .*ffmpeg/);
  expect(status).toBe(0);
  expect(readFileSync(join(folder, "asked"), "utf8")).toMatch(/install .*ffmpeg/);
});

test("a machine that has everything is left alone", () => {
  packageManager("exit 1");
  standIn("ffmpeg", 'echo "ffmpeg version 7.0 libx264"');
  expect(setUp()).toEqual({ status: 0, stderr: "" });
  const asked = join(folder, "asked");
  expect(existsSync(asked) ? readFileSync(asked, "utf8") : "").not.toContain("install");
});

test.each([
  ["the package manager fails", "exit 100", "not found"],
  ["the ffmpeg it brings cannot make the ladder", ffmpeg("libx265"), "without libx264"],
])("when %s, it ends with the commands to type", (_, install, problem) => {
  packageManager(install);
  const { status, stderr } = setUp();
  expect(status).toBe(1);
  expect(stderr).toContain(`still missing: ffmpeg: ${problem}`);
  expect(stderr).toMatch(/type:\nset-up: {3}(sudo )?(apt-get update|brew install ffmpeg)/);
});

test("without a package manager that it knows, it says what to install", () => {
  const { status, stderr } = setUp();
  expect(status).toBe(1);
  expect(stderr).toContain("ffmpeg: install an ffmpeg 4.4 or newer with libx264");
});

test("an ffmpeg that the configuration names is used as it is, and none is installed for it", () => {
  packageManager(ffmpeg("libx264"));
  const path = join(folder, "own-ffmpeg");
  const call = `setUpFfmpeg(${JSON.stringify(path)})`;
  expect(setUp(call)).toEqual({
    status: 1,
    stderr: `set-up: origin.ffmpegPath "${path}": not found\n`,
  });
  standIn("own-ffmpeg", 'echo "ffmpeg version 7.0 libx264"');
  expect(setUp(call)).toEqual({ status: 0, stderr: "" });
  expect(existsSync(join(folder, "asked"))).toBe(false);
  expect(setUp('setUpFfmpeg("ffmpeg")').stderr).toContain("missing: ffmpeg");
  expect(existsSync(join(folder, "ffmpeg"))).toBe(true);
});
