/**
 * How a program lives and ends: it closes in order on SIGINT, SIGTERM, SIGHUP, or when the process
 * that started it is gone (its IPC channel closes), within a deadline; a bug is logged and ends it.
 */
import type { Logger } from "pino";
import { AppError } from "../base/errors.ts";

export interface Closable {
  close(): Promise<void>;
}

export interface ClosablePart extends Closable {
  /** For the log line when it closes late. */
  name: string;
}

/**
 * Closes the parts in reverse order of their start, one after the other. False when the deadline
 * came first; the part that was closing then is logged.
 */
export async function closeInReverse(
  parts: readonly ClosablePart[],
  { deadlineMs, log }: { deadlineMs: number; log: Logger },
): Promise<boolean> {
  let closing = "";
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => {
      log.error(`${closing} did not close within ${deadlineMs} ms`);
      resolve(false);
    }, deadlineMs);
  });
  const all = async (): Promise<true> => {
    for (const part of [...parts].reverse()) {
      closing = part.name;
      await part.close();
    }
    return true;
  };
  try {
    return await Promise.race([all(), late]);
  } finally {
    clearTimeout(timer);
  }
}

export interface ProgramOptions {
  name: string;
  log: Logger;
  /** Builds and starts the program; an AppError is logged in one line and ends it with 1. */
  start: () => Promise<Closable>;
  /** Past it the process ends anyway, with 1. */
  closeDeadlineMs?: number;
}

/** Runs a program until it is told to stop, then ends the process: 0 closed well, 1 otherwise. */
export async function runProgram(options: ProgramOptions): Promise<never> {
  const { log, name, closeDeadlineMs = 8_000 } = options;
  crashOnBugs(log);
  const stopped = stopRequest({ warn: (message) => log.warn(message) });
  let program: Closable;
  try {
    program = await options.start();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.fatal({ code: error.code }, error.message);
    process.exit(1);
  }
  const why = await stopped;
  log.info(`closing: ${why}`);
  const closed = await closeInReverse([{ name, close: () => program.close() }], {
    deadlineMs: closeDeadlineMs,
    log,
  });
  process.exit(closed ? 0 : 1);
}

/**
 * One Ctrl-C may come twice: from the terminal, and passed on by a wrapper that runs the command.
 * Arbitrary, and shorter than a person takes to press it again.
 */
const sameSignalMs = 300;

/**
 * Resolves with the reason when the process is asked to stop for the first time; a second signal
 * ends it at once with 130.
 */
export function stopRequest(log: { warn: (message: string) => void }): Promise<string> {
  return new Promise((resolve) => {
    let askedMs: number | undefined;
    const ask = (why: string): void => {
      const nowMs = performance.now();
      if (askedMs === undefined) {
        askedMs = nowMs;
        resolve(why);
      } else if (nowMs - askedMs >= sameSignalMs) {
        log.warn(`${why} again: ending at once`);
        process.exit(130);
      }
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => ask(signal));
    }
    if (process.connected) {
      process.once("disconnect", () => {
        if (askedMs === undefined) ask("the process that started this one is gone");
      });
    }
  });
}

/** An error that nothing handled is a bug: it is logged and the process exits with 1. */
export function crashOnBugs(log: Logger): void {
  const crash = (kind: string) => (error: unknown) => {
    log.fatal({ err: error }, kind);
    process.exit(1);
  };
  process.on("uncaughtException", crash("uncaught exception"));
  process.on("unhandledRejection", crash("unhandled rejection"));
}
