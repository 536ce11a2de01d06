/** Runs a command whose output the person sees. */
import { spawn } from "node:child_process";

/** Resolves with the exit code; 127 when the command does not exist. */
export function runVisibly(command, args, { cwd, env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "inherit", "inherit"],
    });
    child.on("error", () => resolve(127));
    child.on("exit", (code) => resolve(code ?? 1));
  });
}
