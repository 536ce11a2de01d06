/** How many viewers open files and local ports allow, known before any is started. */
import { readdirSync, readFileSync } from "node:fs";
import { things } from "../report/number-format.ts";
import { viewerCountCeiling } from "../wire/capacity-check.ts";
import { openFilesMax } from "../wire/process-usage.ts";

export interface Ceiling {
  viewers: number;
  /** What allows no more; range: --to. */
  by: "descriptors" | "ports" | "range";
  words: string;
}

/** The least of what was asked for, what k6 may open, and what it has ports for at each edge. */
export function ceilingOf(of: {
  to: number;
  edges: number;
  openFiles: number;
  localPorts: number;
}): Ceiling {
  const { to, edges, openFiles, localPorts } = of;
  const ceilings: Ceiling[] = [
    { viewers: to, by: "range", words: `No more than --to ${to} were asked for.` },
    {
      viewers: viewerCountCeiling(openFiles),
      by: "descriptors",
      words: `A program may have ${openFiles} files open, and a viewer is one: type ulimit -n with more (as root, or with a higher hard limit) and run it again.`,
    },
    {
      viewers: localPorts * edges,
      by: "ports",
      words: `There are ${localPorts} local ports for viewers of ${things(edges, "edge")} each: widen net.ipv4.ip_local_port_range, or start more --edges.`,
    },
  ];
  return ceilings.reduce((least, each) => (each.viewers < least.viewers ? each : least));
}

export function systemLimits(): { openFiles: number; localPorts: number } {
  const range = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8");
  const [first = 32_768, last = 60_999] = range.trim().split(/\s+/).map(Number);
  return { openFiles: openFilesMax(), localPorts: last - first + 1 };
}

/** Files that a process has open now; throws when it has ended. */
export function filesOpenOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
