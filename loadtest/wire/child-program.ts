/** Starts a program of this package as a child process, and waits for the ports it reports. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { AppError } from "../../src/base/errors.ts";

export interface RunningProgram<Ready> {
  pid: number;
  ready: Ready;
  /** What it said, the last 20,000 characters. */
  output(): string;
  /** Asks it to close, and kills it when it has not within some seconds. */
  stop(): Promise<void>;
}

const stopMsMax = 5_000;
const readyMsMax = 30_000;

/** `args` are those of Node. Throws an AppError when the program does not start. */
export async function startProgram<Ready>(
  name: string,
  args: readonly string[],
): Promise<RunningProgram<Ready>> {
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream!.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-20_000);
    });
  }
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = once(child, "close").then(() => {
    process.off("exit", kill);
    return undefined;
  });
  const ready = await Promise.race([readyMessage<Ready>(child), ended, deadline(readyMsMax)]);
  if (ready === undefined) {
    child.kill("SIGKILL");
    throw new AppError("CHILD_FAILED", `${name} does not start:\n${output.trim()}`);
  }
  return {
    pid: child.pid!,
    ready,
    output: () => output,
    stop: async () => {
      child.kill("SIGTERM");
      const timer = setTimeout(kill, stopMsMax);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** What Node is given to run a .ts file of ours: in a package it is compiled. */
export function sourceArguments(source: URL): string[] {
  const path = fileURLToPath(source);
  if (!import.meta.url.endsWith(".ts")) return [path.replace(/\.ts$/, ".js")];
  return ["--import", import.meta.resolve("tsx"), path];
}

function readyMessage<Ready>(child: ChildProcess): Promise<Ready> {
  return new Promise((resolve) => {
    child.on("message", (message: { ready?: Ready }) => {
      if (message.ready !== undefined) resolve(message.ready);
    });
  });
}

function deadline(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms).unref());
}
