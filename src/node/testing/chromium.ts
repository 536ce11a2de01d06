/** Where the browser of the tests is; tests never download one. */
import { existsSync } from "node:fs";
import { join } from "node:path";

const names = ["chromium", "chromium-browser", "google-chrome"];
const applications = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The path of Chromium or Chrome; throws with the command that installs it. */
export function chromiumPath(): string {
  const folders = (process.env["PATH"] ?? "").split(":");
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = [...candidates, ...applications].find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error("Chromium is missing: apt-get install -y chromium (or your system's way)");
  }
  return found;
}
