/** A real `fullhouse start` for tests, on free ports in a state folder of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface StartedBroadcast {
  pid: number;
  stateDir: string;
  child: ChildProcess;
  output: () => string;
  /** The first match in what it prints from `from` (a length of the output) on. */
  prints: (pattern: RegExp, from?: number) => Promise<RegExpExecArray>;
  /** Ends it with the signal; resolves with the exit code. */
  end: (signal: NodeJS.Signals) => Promise<number | null>;
  /** Ends it if it runs, and removes its folder. */
  remove: () => Promise<void>;
}

export function startBroadcast(
  command: readonly string[],
  args: readonly string[] = [],
): StartedBroadcast {
  const stateDir = mkdtempSync(join(tmpdir(), "fullhouse-start-"));
  const [program = "", ...before] = command;
  const child = spawn(
    program,
    [...before, "start", "--port-base", "0", "--state", stateDir, ...args],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const ended = once(child, "exit").then(([code]) => code as number | null);
  const hasEnded = ended.then(() => true);
  const prints = async (pattern: RegExp, from = 0): Promise<RegExpExecArray> => {
    for (;;) {
      const match = pattern.exec(output.slice(from));
      if (match !== null) return match;
      const isOver = await Promise.race([once(child.stdout, "data").then(() => false), hasEnded]);
      if (isOver) throw new Error(`it ended without printing ${String(pattern)}:\n${output}`);
    }
  };
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return ended;
  };
  return {
    ...{ pid: child.pid ?? 0, stateDir, child, prints, end },
    output: () => output,
    remove: async () => {
      if (child.exitCode === null && child.signalCode === null) await end("SIGTERM");
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
