/** Which processes a process has started, and whether they live; for tests that nobody is left. */
import { spawnSync } from "node:child_process";

interface Row {
  pid: number;
  parent: number;
  state: string;
}

/** Everything below a process, however deep. */
export function descendantsOf(pid: number): number[] {
  const rows = processes();
  const below = (parent: number): number[] =>
    rows.filter((row) => row.parent === parent).flatMap((row) => [row.pid, ...below(row.pid)]);
  return below(pid);
}

/** Those that still run; the dead that nobody has waited for yet do not count. */
export function aliveOf(pids: readonly number[]): number[] {
  const rows = processes();
  return pids.filter((pid) => rows.some((row) => row.pid === pid && !row.state.startsWith("Z")));
}

function processes(): Row[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,stat="], { encoding: "utf8" });
  return stdout.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\S+)/.exec(line);
    if (match === null) return [];
    return [{ pid: Number(match[1]), parent: Number(match[2]), state: match[3]! }];
  });
}
