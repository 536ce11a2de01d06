/**
 * One child process of `start`: started in a process group of its own (Ctrl-C in the terminal does
 * not reach it; the supervisor tells it), with an IPC channel, by whose end it learns that the
 * supervisor is gone. Its lines go to the caller.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { ReadyPorts } from "../src/node/ready.ts";

export interface ChildOptions {
  command: string;
  args: readonly string[];
  onLine: (line: string) => void;
}

export interface ChildEnd {
  /** In words: "exit code 1", "killed by SIGKILL", "cannot be started: ...". */
  how: string;
  ranMs: number;
}

export class ChildProgram {
  readonly pid: number | undefined;
  /** The ports it reported; undefined when it ended before. */
  readonly ready: Promise<ReadyPorts | undefined>;
  readonly ended: Promise<ChildEnd>;
  readonly #child: ChildProcess;
  #hasEnded = false;
  /** Then the system may give the group's number to somebody else. */
  #groupIsGone = false;

  constructor({ command, args, onLine }: ChildOptions) {
    const startMs = performance.now();
    const child = spawn(command, [...args], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      detached: true,
      env: environmentForChildren(process.env),
    });
    this.#child = child;
    this.pid = child.pid;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream! }).on("line", onLine);
    }
    // Not by once(child, "exit"), which rejects on "error" and so would win over it.
    this.ended = new Promise<string>((resolve) => {
      child.on("exit", (code, signal) => resolve(howItEnded(code, signal)));
      child.on("error", (error) => resolve(`cannot be started: ${error.message}`));
    }).then((how) => {
      this.#hasEnded = true;
      return { how, ranMs: performance.now() - startMs };
    });
    this.ready = new Promise((resolve) => {
      child.on("message", (message: { ready?: ReadyPorts }) => {
        if (message.ready !== undefined) resolve(message.ready);
      });
      void this.ended.then(() => resolve(undefined));
    });
  }

  /** Asks it to close, and ends its whole process group when it does not within the deadline. */
  async stop(deadlineMs: number): Promise<void> {
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.killGroup(), deadlineMs);
    await this.ended;
    clearTimeout(timer);
    // What it may have left, such as an encoder.
    this.killGroup();
  }

  /** Ends the process and everything it started, at once. */
  killGroup(): void {
    if (this.pid === undefined || this.#groupIsGone) return;
    this.#groupIsGone = this.#hasEnded;
    try {
      process.kill(-this.pid, "SIGKILL");
    } catch (error) {
      // Nobody is left in the group (macOS: nobody but the dead), which is what was wanted.
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== "ESRCH" && code !== "EPERM") throw error;
    }
  }
}

/** A child's configuration is in its file, complete: settings of the environment are in there. */
export function environmentForChildren(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith("FULLHOUSE_")),
  );
}

function howItEnded(code: number | null, signal: string | null): string {
  return signal !== null ? `killed by ${signal}` : `exit code ${String(code)}`;
}
