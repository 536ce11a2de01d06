/**
 * `fullhouse loadtest`: real viewers in k6 at real edges, the modelled night beside them, one report.
 * Progress goes to standard error, the summary or the JSON to standard output, reports to --out.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadJobSummary } from "../loadtest/report/load-job-summary.ts";
import { loadTextSummary } from "../loadtest/report/load-text-summary.ts";
import { jsonLine, prepareFolder, writeLoadReport } from "../loadtest/report/report-files.ts";
import { quoted } from "../loadtest/report/run-command.ts";
import { progressWords } from "../loadtest/wire/load-progress.ts";
import { serveLoadMetrics, type LoadMetricsPage } from "../loadtest/wire/load-metrics-page.ts";
import { inputsFileName, loadTest } from "../loadtest/wire/load-test.ts";
import { modelThresholds } from "../loadtest/wire/model-thresholds.ts";
import { foreignTarget } from "../loadtest/wire/run-target.ts";
import { AppError } from "../src/base/errors.ts";
import { parseListenAddress } from "../src/config/listen-address.ts";
import type { LoadReport } from "../src/config/schema-load-report.ts";
import type { SettingsLayer } from "../src/config/resolve-layers.ts";
import type { Scenario } from "../src/config/schema-scenario.ts";
import { commitOf } from "../src/node/commit.ts";
import { loadScenario } from "../src/node/scenario-file.ts";
import { abortOnSignal } from "./abort-on-signal.ts";
import { StatusDisplay } from "./status-display.ts";

export interface LoadtestArguments {
  viewers?: number;
  seed?: number;
  out?: string;
  target?: string;
  json?: boolean;
  validation: boolean;
  budgets?: string;
  metrics?: string;
  prometheus?: string;
  threshold: string[];
  set: string[];
}

const thresholdsMissedCode = 99;

/** Throws an AppError; else sets the exit code: 0 passed, 99 missed, 1 void. */
export async function loadtest(name: string, args: LoadtestArguments): Promise<void> {
  const scenario = scenarioOf(name, args);
  const thresholds = modelThresholds(args.threshold);
  checkTarget(scenario, args);
  if (args.out !== undefined) prepareFolder(args.out, "load");
  const display = new StatusDisplay(process.stderr, () => performance.now());
  const { signal, endWith } = abortOnSignal();
  const metrics = await metricsPage(scenario, args);
  if (metrics !== undefined) display.say(`Metrics: http://${metrics.address}/metrics`);
  try {
    const { report, inputs } = await loadTest({
      scenario,
      target: args.target,
      budgets: args.budgets,
      thresholds,
      prometheus: args.prometheus,
      metrics: metrics?.page,
      commit: commitOf(),
      command: commandOf(name, args),
      say: (line) => display.say(line),
      onProgress: (progress) => display.show({ line: progressWords(progress), key: "load" }),
      signal,
    });
    display.end();
    tell(report, inputs, args, display);
    process.exitCode = exitCodeOf(report);
  } catch (error) {
    display.end();
    endWith(error, (line) => display.say(line));
  } finally {
    metrics?.page.close();
  }
}

/** `--metrics`: HOST:PORT, or a port of loopback; 0 is any free one. */
async function metricsPage(
  { name: scenario }: Scenario,
  { metrics }: LoadtestArguments,
): Promise<{ page: LoadMetricsPage; address: string } | undefined> {
  if (metrics === undefined) return undefined;
  const listen = /^\d+$/.test(metrics) ? `127.0.0.1:${metrics}` : metrics;
  const address = parseListenAddress(listen);
  if (address === undefined) {
    throw new AppError(
      "USAGE",
      `--metrics must be HOST:PORT, or a port of loopback, got ${metrics}`,
    );
  }
  const page = await serveLoadMetrics({ listen, scenario });
  return { page, address: listen.replace(/\d+$/, String(page.port)) };
}

function scenarioOf(name: string, { viewers, seed, validation, set }: LoadtestArguments): Scenario {
  const layer = (source: string, values: Record<string, unknown>): SettingsLayer => ({
    source,
    values,
  });
  return loadScenario({
    scenario: name,
    options: [
      ...(viewers === undefined ? [] : [layer("--viewers", { wire: { viewerCount: viewers } })]),
      ...(seed === undefined ? [] : [layer("--seed", { seed })]),
      ...(validation ? [] : [layer("--no-validation", { wire: { validationCounts: [] } })]),
    ],
    settings: set,
  }).scenario;
}

/** What a target rules out is said before anything is made. */
function checkTarget({ wire }: Scenario, { target, threshold }: LoadtestArguments): void {
  if (target === undefined) return;
  foreignTarget(target, wire);
  if (threshold.length === 0) return;
  throw new AppError(
    "USAGE",
    "--threshold is about the modelled night, which there is none of with --target: leave one out",
  );
}

function commandOf(name: string, args: LoadtestArguments): string {
  const { viewers, seed, target, validation, budgets, threshold, set } = args;
  return [
    `fullhouse loadtest ${quoted(name)}`,
    ...(viewers === undefined ? [] : [`--viewers ${viewers}`]),
    ...(seed === undefined ? [] : [`--seed ${seed}`]),
    ...(target === undefined ? [] : [`--target ${quoted(target)}`]),
    ...(validation ? [] : ["--no-validation"]),
    ...(budgets === undefined ? [] : [`--budgets ${quoted(budgets)}`]),
    ...threshold.map((text) => `--threshold ${quoted(text)}`),
    ...set.map((setting) => `--set ${quoted(setting)}`),
  ].join(" ");
}

function tell(
  report: LoadReport,
  inputs: string | null,
  { out, json }: LoadtestArguments,
  display: StatusDisplay,
): void {
  process.stdout.write(json === true ? jsonLine(report) : loadTextSummary(report));
  const { GITHUB_STEP_SUMMARY: jobSummary = "" } = process.env;
  if (jobSummary !== "") writeFileSync(jobSummary, loadJobSummary(report), { flag: "a" });
  if (out === undefined) return;
  display.say(`Report: ${writeLoadReport(out, report)}`);
  if (inputs !== null) writeFileSync(join(out, inputsFileName), inputs);
}

function exitCodeOf({ verdict }: LoadReport): number {
  if (verdict === "passed") return 0;
  return verdict === "missed" ? thresholdsMissedCode : 1;
}
