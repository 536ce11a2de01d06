/**
 * What Fullhouse needs of a machine: each tool, what it is for, how to see whether it is there, and
 * the packages that bring it. One table for set-up and for `doctor`.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** First line that a command prints, or undefined when it does not run. */
function firstLine(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: "utf8",
    timeout: 20_000,
    // Debian's nginx and varnishd are in sbin, which is not in everybody's PATH.
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` },
  });
  if (status === null || status === 127) return undefined;
  return (stdout + stderr)
    .split("\n")
    .find((line) => /\d/.test(line))
    ?.trim();
}

function findFfmpeg(ffmpegPath = "ffmpeg") {
  const version = firstLine(ffmpegPath, ["-hide_banner", "-version"]);
  if (version === undefined) return { problem: "not found" };
  const { stdout } = spawnSync(ffmpegPath, ["-hide_banner", "-encoders"], { encoding: "utf8" });
  if (!/\blibx264\b/.test(stdout ?? "")) return { problem: `without libx264 (${version})` };
  return { version: version.replace(/^ffmpeg version (\S+).*/, "$1") };
}

/** Where browsers are, by name in PATH or by path. */
const browsers = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

function findChromium() {
  for (const browser of browsers) {
    if (browser.startsWith("/") && !existsSync(browser)) continue;
    const version = firstLine(browser, ["--version"]);
    if (version !== undefined && /\d+\.\d+/.test(version)) {
      return { version: /[\d.]*\d/.exec(version)[0] };
    }
  }
  return { problem: "not found" };
}

function findFonts() {
  if (process.platform === "darwin") return { version: "of the system" };
  const line = firstLine("fc-match", ["sans"]) ?? firstLine("fc-list", []);
  const { stdout } = spawnSync("fc-list", [], { encoding: "utf8" });
  const count = (stdout ?? "").split("\n").filter((text) => text !== "").length;
  return count === 0 && line === undefined ? { problem: "none" } : { version: `${count} fonts` };
}

function findByVersion(command, args) {
  const line = firstLine(command, args);
  return line === undefined ? { problem: "not found" } : { version: /\d[\w.]*/.exec(line)[0] };
}

/**
 * In order of installation. `purpose`: "run" for `start`, "test" for `npm test`, "bench" for
 * benchmarks only, which set-up never installs. `hint` is said where no package manager helps.
 */
export const requirements = [
  {
    name: "ffmpeg",
    purpose: "run",
    what: "makes the ladder (needs libx264)",
    find: findFfmpeg,
    packages: { apt: ["ffmpeg"], dnf: ["ffmpeg"], pacman: ["ffmpeg"], brew: ["ffmpeg"] },
    hint: "install an ffmpeg 4.4 or newer with libx264 (Fedora: from RPM Fusion)",
  },
  {
    name: "chromium",
    purpose: "test",
    what: "plays the page in browser tests",
    find: findChromium,
    packages: { apt: ["chromium"], dnf: ["chromium"], pacman: ["chromium"] },
    hint: "install Chromium or Google Chrome",
  },
  {
    name: "fonts",
    purpose: "test",
    what: "for the page in browser tests",
    find: findFonts,
    packages: {
      apt: ["fontconfig", "fonts-dejavu-core"],
      dnf: ["fontconfig", "dejavu-sans-fonts"],
      pacman: ["fontconfig", "ttf-dejavu"],
    },
    hint: "install fontconfig and any font",
  },
  {
    name: "prometheus",
    purpose: "test",
    what: "reads the metrics, in tests and for start --prometheus",
    find: () => findByVersion("prometheus", ["--version"]),
    packages: {
      apt: ["prometheus"],
      dnf: ["golang-github-prometheus"],
      pacman: ["prometheus"],
      brew: ["prometheus"],
    },
    hint: "install Prometheus 2.40 or newer",
  },
  ...[
    ["nginx", ["-v"], "nginx"],
    ["varnishd", ["-V"], "varnish"],
    ["wrk", ["-v"], "wrk"],
  ].map(([name, args, packageName]) => ({
    name,
    purpose: "bench",
    what: "compared with in benchmarks",
    find: () => findByVersion(name, args),
    packages: Object.fromEntries(
      ["apt", "dnf", "pacman", "brew"].map((manager) => [manager, [packageName]]),
    ),
    hint: `install ${packageName}`,
  })),
];
