/** What tells apart the processes that report to a parent, across restarts and machines. */
import { createHash } from "node:crypto";
import { hostname } from "node:os";

/**
 * From the machine and the port. Unlike a process id it is the same after a crash, so that the next
 * process's count takes the place of the last one's, and nodes of one name on several machines do not
 * take each other's.
 */
export function processNumber(port: number): number {
  const hash = createHash("sha256").update(`${hostname()}:${port}`).digest();
  return hash.readUInt32BE(0) % 1_000_000_000;
}
