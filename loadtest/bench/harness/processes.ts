/**
 * Starts programs under test on chosen cores and reads what CPU they used. Everything that was
 * started ends with the benchmark, each by its own process id.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { cpus } from "node:os";
import { AppError } from "../../../src/base/errors.ts";

export interface Started {
  pid: number;
  /** What it said on both outputs, the last 20,000 characters. */
  output(): string;
  stop(): Promise<void>;
}

const started = new Set<ChildProcess>();
process.once("exit", () => {
  // Not SIGKILL: nginx and Varnish have children of their own to end.
  for (const child of started) child.kill("SIGTERM");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => process.exit(1));
}

const stopTimeoutMs = 5_000;

/** Throws with the command to type when one of the programs is missing, or the cores are. */
export function requireTools(tools: readonly { program: string; debianPackage: string }[]): void {
  const path = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;
  const missing = tools.filter(
    ({ program }) =>
      spawnSync("sh", ["-c", `command -v ${program}`], { env: { PATH: path } }).status !== 0,
  );
  if (missing.length > 0) {
    const packages = missing.map((tool) => tool.debianPackage).join(" ");
    throw new AppError("TOOL_MISSING", `this benchmark needs: apt-get install -y ${packages}`);
  }
  if (cpus().length < 2) {
    throw new AppError("TOOL_MISSING", "this benchmark needs two cores: server and client");
  }
}

/** Starts a program pinned to one core. It inherits nothing but the environment. */
export function startOnCore(core: number, command: string, args: readonly string[]): Started {
  return startProgram("taskset", ["-c", String(core), command, ...args]);
}

/** Starts a program on whatever core is free. It inherits nothing but the environment. */
export function startProgram(command: string, args: readonly string[]): Started {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` },
  });
  started.add(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-20_000);
    });
  }
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => {
      started.delete(child);
      resolve();
    });
    child.once("error", () => resolve());
  });
  if (child.pid === undefined) throw new Error(`${command} does not start`);
  return {
    pid: child.pid,
    output: () => output,
    stop: async () => {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Waits until the URL is answered with 200; says what the program printed when it never is. */
export async function waitForAnswer(url: string, program: Started): Promise<void> {
  const deadlineMs = performance.now() + 30_000;
  for (;;) {
    const status = await fetch(url).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      (error: unknown) => String(error),
    );
    if (status === 200) return;
    if (performance.now() > deadlineMs) {
      throw new Error(`${url} answers ${status}; its server said:\n${program.output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
