/** What a command does with Ctrl-C: it stops what runs in order, or ends at once when asked again. */
import { constants } from "node:os";

/** The signal to hand to what runs; `interrupted` gives the exit code once a signal came. */
export function abortOnSignal(): { signal: AbortSignal; interrupted: () => number | undefined } {
  const controller = new AbortController();
  let code: number | undefined;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (code !== undefined) process.exit(code);
      code = 128 + constants.signals[name];
      controller.abort(new Error("interrupted"));
    });
  }
  return { signal: controller.signal, interrupted: () => code };
}
