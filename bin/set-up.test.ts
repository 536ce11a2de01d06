import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { outdatedPackages, takeTurn } from "./node-packages.mjs";
import { isNodeSupported, nodeVersionMin } from "./node-version.mjs";
import { requirements } from "./requirements.mjs";
import { adviceFor, packagesFor } from "./setup.mjs";
import { installCommands } from "./system-packages.mjs";

const root = join(import.meta.dirname, "..");
const ffmpeg = requirements.filter(({ name }) => name === "ffmpeg");

test("Node is new enough from the version on that package.json names", () => {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    engines: { node: string };
  };
  expect(manifest.engines.node).toBe(`>=${nodeVersionMin}`);
  const versions = ["18.20.0", "20.18.9", "20.19.0", "20.20.2", "22.0.0", "24.1.0"];
  expect(versions.map(isNodeSupported)).toEqual([false, false, true, true, true, true]);
});

test("packages that are missing or of another version are found, optional ones are not needed", () => {
  const lock = {
    packages: {
      "": { version: "0.1.0" },
      "node_modules/a": { version: "1.0.0" },
      "node_modules/b": { version: "2.0.0" },
      "node_modules/a/node_modules/c": { version: "3.0.0" },
      "node_modules/only-on-macos": { version: "1.0.0", optional: true },
    },
  };
  const installed = {
    packages: { "node_modules/a": { version: "1.0.0" }, "node_modules/b": { version: "1.9.0" } },
  };
  expect(outdatedPackages(lock, installed)).toEqual(["b 2.0.0", "c 3.0.0"]);
  expect(outdatedPackages(lock, lock)).toEqual([]);
});

function check(manager: string | undefined, isRoot: boolean, expected: string[]): void {
  expect(adviceFor(ffmpeg, manager, { isRoot }), String(manager)).toEqual(expected);
}

test("what a person has to type fits the machine's package manager and the person's rights", () => {
  const apt = "apt-get install -y --no-install-recommends ffmpeg";
  check("apt", true, ["type:", "  apt-get update", `  ${apt}`]);
  check("apt", false, ["type:", "  sudo apt-get update", `  sudo ${apt}`]);
  check("dnf", false, ["type:", "  sudo dnf install -y ffmpeg"]);
  check("pacman", true, ["type:", "  pacman -Sy --noconfirm --needed ffmpeg"]);
  check("brew", false, ["type:", "  brew install ffmpeg"]);
  check(undefined, false, [
    "ffmpeg: install an ffmpeg 4.4 or newer with libx264 (Fedora: from RPM Fusion)",
  ]);
});

test("every tool has a hint, and apt packages for all that set-up installs", () => {
  for (const requirement of requirements) expect(requirement.hint).not.toBe("");
  expect(packagesFor(requirements, "apt")).toContain("chromium");
  for (const requirement of requirements) expect(packagesFor([requirement], "apt")).not.toEqual([]);
});

test("the index of apt is read once, for all packages", () => {
  expect(installCommands("apt", ["a", "b"], { isRoot: true })).toEqual([
    "apt-get update",
    "apt-get install -y --no-install-recommends a b",
  ]);
});

test("installations take turns, and one that died does not block the next", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-turn-"));
  const path = join(folder, "cache/npm-ci.pid");
  const order: string[] = [];
  const release = await takeTurn(path);
  const second = takeTurn(path).then((releaseSecond) => {
    order.push("second begins");
    releaseSecond();
  });
  order.push("first ends");
  release();
  await second;
  expect(order).toEqual(["first ends", "second begins"]);
  // No process has this number: the system's greatest is smaller.
  writeFileSync(path, "4194305");
  (await takeTurn(path))();
  expect(existsSync(path)).toBe(false);
  rmSync(folder, { recursive: true });
});
