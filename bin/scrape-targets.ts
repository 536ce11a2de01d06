/**
 * Where Prometheus finds the nodes of a broadcast: one file a job below `prometheus/targets` in the
 * state folder, in the form of file_sd. They are there while the broadcast runs, for a Prometheus of
 * `start --prometheus` or for one of somebody else.
 */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attemptWrite, makeFolder } from "../src/node/make-folder.ts";
import type { PlannedNode } from "./start-plan.ts";

/** Jobs of grafana/prometheus/prometheus.yml whose targets a broadcast has. */
const jobs = ["origin", "shield", "edge"] as const;
type Job = (typeof jobs)[number];

export interface ScrapeTarget {
  targets: [string];
  labels: { tier: Job; node: string };
}

/** The targets of each job; nodes that have not reported an admin port have none. */
export function scrapeTargets(
  nodes: readonly PlannedNode[],
  adminPortOf: (name: string) => number | undefined,
): Record<Job, ScrapeTarget[]> {
  const targets: Record<Job, ScrapeTarget[]> = { origin: [], shield: [], edge: [] };
  for (const { name, program, listen } of nodes) {
    const port = adminPortOf(name);
    if (port === undefined) continue;
    const relay = listen.viewer === undefined ? "shield" : "edge";
    const tier = program === "origin" ? "origin" : relay;
    targets[tier].push({ targets: [`127.0.0.1:${port}`], labels: { tier, node: name } });
  }
  return targets;
}

/** Replaces the files; Prometheus sees it at once. Throws STATE_UNUSABLE when it cannot. */
export function writeScrapeTargets(
  stateDir: string,
  targets: Readonly<Record<Job, readonly ScrapeTarget[]>>,
): void {
  const folder = targetFolder(stateDir);
  attemptWrite(folder, "choose another folder with --state", () => {
    makeFolder(folder);
    for (const job of jobs) {
      const path = targetFile(stateDir, job);
      writeFileSync(`${path}.new`, `${JSON.stringify(targets[job], null, 2)}\n`);
      renameSync(`${path}.new`, path);
    }
  });
}

/**
 * Nodes that are closed on purpose are not down: they are no targets any more. False when the folder
 * cannot be written, which must not keep a broadcast from closing.
 */
export function removeScrapeTargets(stateDir: string): boolean {
  try {
    for (const job of jobs) rmSync(targetFile(stateDir, job), { force: true });
    return true;
  } catch {
    return false;
  }
}

function targetFolder(stateDir: string): string {
  return join(stateDir, "prometheus/targets");
}

function targetFile(stateDir: string, job: Job): string {
  return join(targetFolder(stateDir), `${job}.json`);
}
