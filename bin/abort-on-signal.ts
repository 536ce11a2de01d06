/** What a command does with Ctrl-C: it stops what runs in order, or ends at once when asked again. */
import { constants } from "node:os";

/** A command's work that Ctrl-C stops. */
export interface Interruptible {
  /** To hand to what runs. */
  signal: AbortSignal;
  /** After a failure: says that it was interrupted and sets the exit code, or throws the failure on. */
  endWith: (error: unknown, say: (line: string) => void) => void;
}

export function abortOnSignal(): Interruptible {
  const controller = new AbortController();
  let code: number | undefined;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (code !== undefined) process.exit(code);
      code = 128 + constants.signals[name];
      controller.abort(new Error("interrupted"));
    });
  }
  return {
    signal: controller.signal,
    endWith: (error, say) => {
      if (code === undefined) throw error;
      say("fullhouse: interrupted; what was started is stopped, and nothing is reported");
      process.exitCode = code;
    },
  };
}
