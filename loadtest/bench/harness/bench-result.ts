/**
 * What every benchmark returns and how it is shown. A benchmark is a file of loadtest/bench that
 * exports `run(options): Promise<BenchResult>`; main.ts finds it by its name.
 */
import { commitOf } from "../../../src/node/commit.ts";
import { hostFacts, type HostFacts } from "../../../src/node/host.ts";

export interface BenchOptions {
  /** How often each contender runs; contenders alternate and medians are reported. */
  rounds: number;
  /** How many viewers, of benchmarks that have any; theirs when it is not stated. */
  viewerCount?: number | undefined;
  /** Progress for a person; goes to stderr. */
  say: (line: string) => void;
}

/** One line of the table: one contender at one task. */
export interface BenchRow {
  /** What was done, such as "playlist 1 kB". */
  task: string;
  /** Who did it, such as "edge" or "nginx". */
  contender: string;
  /** Medians over the rounds, with the unit in the name: requestsPerSec, gbps, cpuSecPerGB. */
  values: Record<string, number>;
}

/** A target and what it came to. */
export interface BenchTarget {
  /** Key in `ratios`, or of a single figure, that the target is about. */
  name: string;
  value: number;
  min?: number;
  max?: number;
}

/** What `run` returns; main.ts adds name, commit, host and rounds. */
export interface BenchResult {
  results: BenchRow[];
  /** Ours against the peer of the same run, such as "playlist requests/s: edge / nginx". */
  ratios: Record<string, number>;
  targets: BenchTarget[];
}

/** The object that `--json` prints. */
export interface BenchReport extends BenchResult {
  name: string;
  commit: string;
  host: HostFacts;
  rounds: number;
  /** Whether every target is met. */
  met: boolean;
}

export function toReport(name: string, rounds: number, result: BenchResult): BenchReport {
  return {
    name,
    commit: commitOf(),
    host: hostFacts(),
    rounds,
    ...result,
    met: result.targets.every(isMet),
  };
}

export function isMet(target: BenchTarget): boolean {
  const { value, min = -Infinity, max = Infinity } = target;
  return value >= min && value <= max;
}

/** The middle value, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** The medians of rows measured in several rounds, one row per task and contender. */
export function mediansOf(rows: readonly BenchRow[]): BenchRow[] {
  const groups = new Map<string, BenchRow[]>();
  for (const row of rows) {
    const key = `${row.task}\n${row.contender}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map((group) => {
    const { task, contender, values } = group[0]!;
    const medians = Object.keys(values).map((name) => [
      name,
      median(group.map((row) => row.values[name] ?? Number.NaN)),
    ]);
    return { task, contender, values: Object.fromEntries(medians) as Record<string, number> };
  });
}

/** The report as text for a person. */
export function tableOf(report: BenchReport): string {
  const { host } = report;
  const lines = [
    `${report.name}: medians of ${report.rounds} rounds, commit ${report.commit}`,
    `${host.cpu}, ${host.coreCount} cores, ${host.memoryGB} GB, Node ${host.node}`,
    "",
  ];
  const names = [...new Set(report.results.flatMap((row) => Object.keys(row.values)))];
  const cells = report.results.map((row) => [
    row.task,
    row.contender,
    ...names.map((name) => figure(row.values[name])),
  ]);
  lines.push(...columns([["task", "contender", ...names], ...cells]), "");
  for (const [name, ratio] of Object.entries(report.ratios)) {
    lines.push(`${name}: ${figure(ratio)}`);
  }
  for (const target of report.targets) {
    const bound =
      target.min === undefined ? `at most ${target.max ?? ""}` : `at least ${target.min}`;
    const verdict = isMet(target) ? "met" : "MISSED";
    lines.push(`target ${target.name}: ${figure(target.value)}, ${bound}: ${verdict}`);
  }
  return lines.join("\n");
}

function figure(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "-";
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US");
  return value.toPrecision(3);
}

function columns(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
}
