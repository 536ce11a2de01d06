/**
 * How a program says on which ports it ended up: to its parent process by IPC, and in `ready.json`
 * of its state folder. Tests and the supervisor use only this, never fixed ports.
 */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attemptWrite, makeFolder } from "./make-folder.ts";

/** Port names: rtmp, tier, viewer, admin, and control of the simulation server. */
export type ReadyPorts = Partial<Record<"rtmp" | "tier" | "viewer" | "admin" | "control", number>>;

/** Programs with other ports than those say so: `reportReady<{...}>(...)`. */
export function reportReady<Ready extends object = ReadyPorts>(
  stateDir: string,
  ports: NoInfer<Ready>,
): void {
  const path = join(stateDir, "ready.json");
  attemptWrite(path, "choose another stateDir", () => {
    makeFolder(stateDir);
    writeFileSync(`${path}.new`, `${JSON.stringify({ ready: ports })}\n`);
    renameSync(`${path}.new`, path);
  });
  process.send?.({ ready: ports });
}
