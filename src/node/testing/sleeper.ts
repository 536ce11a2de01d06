/** A program for the tests of the life cycle: says "up", and lives by runProgram until it is told. */
import { pino } from "pino";
import { AppError } from "../../base/errors.ts";
import { runProgram } from "../lifecycle.ts";

const [mode] = process.argv.slice(2);
const keepAlive = setInterval(() => undefined, 60_000);

await runProgram({
  name: "sleeper",
  log: pino({ level: "info" }, pino.destination({ dest: 2, sync: true })),
  closeDeadlineMs: mode === "stuck" ? 200 : 5_000,
  start: () => {
    if (mode === "refuse") return Promise.reject(new AppError("PORT_TAKEN", "the port is taken"));
    process.stdout.write("up\n");
    if (mode === "throw") setImmediate(() => (undefined as unknown as () => void)());
    if (mode === "reject") void Promise.reject(new Error("nobody handles this"));
    return Promise.resolve({
      close: () => {
        process.stdout.write("closing\n");
        if (mode === "slow") setTimeout(() => process.stdout.write("still closing\n"), 500);
        if (mode === "stuck" || mode === "slow") return new Promise<void>(() => undefined);
        clearInterval(keepAlive);
        process.stdout.write("closed\n");
        return Promise.resolve();
      },
    });
  },
});
