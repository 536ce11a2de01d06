/**
 * Runs a program that knows nothing of its supervisor, and ends it when the supervisor says so or is
 * gone: `node child-guard.mjs PROGRAM ARGUMENT…`, started with an IPC channel. Plain JavaScript,
 * because it needs no compiler and a tenth of a second matters when a program starts again.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";

const [program, ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] });

// Closing is up to the program; the supervisor, if it is there, has a deadline for it.
const end = () => void child.kill("SIGTERM");
process.on("disconnect", end);
process.on("SIGTERM", end);
process.on("SIGINT", end);
if (!process.connected) end();

child.on("error", (error) => {
  console.error(`cannot start ${program}: ${error.message}`);
  process.exit(127);
});
child.on("exit", (code, signal) => {
  process.exit(code ?? 128 + constants.signals[signal]);
});
