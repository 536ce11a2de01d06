/**
 * The system's package manager: which one there is, whether this user may install with it, and the
 * command that does. Installs only what a caller names.
 */
import { spawnSync } from "node:child_process";
import { runVisibly } from "./run-visibly.mjs";

/** Each manager's commands; `update` runs once before the first installation. */
const managers = {
  apt: {
    program: "apt-get",
    update: ["apt-get", "update"],
    install: ["apt-get", "install", "-y", "--no-install-recommends"],
    env: { DEBIAN_FRONTEND: "noninteractive" },
    asRoot: true,
  },
  dnf: { program: "dnf", install: ["dnf", "install", "-y"], asRoot: true },
  pacman: {
    program: "pacman",
    install: ["pacman", "-Sy", "--noconfirm", "--needed"],
    asRoot: true,
  },
  brew: { program: "brew", install: ["brew", "install"], asRoot: false },
};

function works(command, args) {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

/** The machine's manager as "apt", "dnf", "pacman" or "brew"; undefined when it has none of them. */
export function packageManager(platform = process.platform) {
  const names = platform === "darwin" ? ["brew"] : ["apt", "dnf", "pacman"];
  return names.find((name) => works(managers[name].program, ["--version"]));
}

/** The lines a person types to install the packages, with sudo where it is needed. */
export function installCommands(manager, packages, { isRoot = process.getuid?.() === 0 } = {}) {
  const { update, install, asRoot } = managers[manager];
  const sudo = asRoot && !isRoot ? ["sudo"] : [];
  const commands = [...(update === undefined ? [] : [update]), [...install, ...packages]];
  return commands.map((words) => [...sudo, ...words].join(" "));
}

/** Whether packages can be installed without asking anybody for a password. */
export function mayInstall(manager) {
  const isRoot = process.getuid?.() === 0;
  if (!managers[manager].asRoot) return !isRoot;
  return isRoot || works("sudo", ["-n", "true"]);
}

/** Installs the packages and shows what happens; true when every command succeeded. */
export async function installPackages(manager, packages) {
  const { env } = managers[manager];
  for (const line of installCommands(manager, packages)) {
    console.error(`  $ ${line}`);
    const [command, ...args] = line.split(" ");
    // sudo drops the environment, unless it is handed over as an argument.
    const handed =
      command === "sudo" ? Object.entries(env ?? {}).map((pair) => pair.join("=")) : [];
    if ((await runVisibly(command, [...handed, ...args], { env })) !== 0) return false;
  }
  return true;
}
