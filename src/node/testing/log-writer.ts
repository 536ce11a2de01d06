/** A process for tests that logs as programs do, and says on its IPC channel how its loop fares. */
import { createLog } from "../log.ts";

const log = createLog({ level: "debug", node: "writer" });

const lateMsOf = (): Promise<number> =>
  new Promise((resolve) => {
    const sinceMs = performance.now();
    setTimeout(() => resolve(performance.now() - sinceMs), 0);
  });

async function write(command: { lineCount: number; lineBytes: number }): Promise<void> {
  const text = "x".repeat(command.lineBytes);
  const sinceMs = performance.now();
  for (let index = 0; index < command.lineCount; index++) log.debug({ index }, text);
  const wroteMs = performance.now() - sinceMs;
  process.send?.({ wroteMs, lateMs: await lateMsOf() });
}

process.on("message", (command: { lineCount: number; lineBytes: number } | "die" | "exit") => {
  if (command === "die") {
    log.info("almost the last word");
    log.fatal("the last word");
    process.exit(1);
  }
  if (command === "exit") {
    log.info("a word");
    process.exit(0);
  }
  void write(command);
});
process.send?.("ready");
