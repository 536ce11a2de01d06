/**
 * A load test from beginning to end: the model held against the wire at some sizes, then the modelled
 * night with real viewers beside it, driven and judged by k6; all of it made into one report.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  generatorComplaints,
  loadVerdictOf,
  type ConservationRow,
} from "../../src/config/schema-load-report-rules.ts";
import type { LoadReport } from "../../src/config/schema-load-report.ts";
import type { ModelReport } from "../../src/config/schema-model-report.ts";
import type { Scenario } from "../../src/config/schema-scenario.ts";
import { measuringHost } from "../../src/node/host.ts";
import { k6Version } from "../k6/k6-build.ts";
import { k6Entry } from "../k6/k6-entry.ts";
import { checkPrometheus, prometheusOutput, type K6Output } from "../k6/prometheus-output.ts";
import { things } from "../report/number-format.ts";
import { runSimulation } from "../simulate/run-simulation.ts";
import { budgetRows, readBudgets, unjudgedWords } from "./budgets.ts";
import { requireCapacity } from "./capacity-check.ts";
import { caveatsOf } from "./caveats.ts";
import { conservationRows } from "./conservation.ts";
import { readFeedFacts, readOffer, type FeedFacts } from "./feed-facts.ts";
import { findOrBuildK6 } from "../k6/find-or-build-k6.ts";
import { cameCheck, checksOf, restartCheck } from "./load-checks.ts";
import type { LoadMetricsPage } from "./load-metrics-page.ts";
import { progressOf, type LoadProgress } from "./load-progress.ts";
import type { MeasuredRun } from "./measured-run.ts";
import { nightRun, prepareNight, type ModelNight } from "./model-night.ts";
import { foreignTarget, startTarget, type RunTarget } from "./run-target.ts";
import { runWire } from "./run-wire.ts";
import type { Sample } from "./sampler.ts";
import { twinScenario } from "./twin-scenario.ts";
import { parameterSets, validationRow, type ValidationRow } from "./validation.ts";
import { connectionsPeak, generatorSection, wireSection } from "./wire-section.ts";
import { probeSetup, validationSetup, type WireSetup } from "./wire-setup.ts";

export interface LoadTestOptions {
  scenario: Scenario;
  /** Base URL of somebody else's edge; else a broadcast of our own is started. */
  target?: string | undefined;
  /** File of budgets to be kept, if any. */
  budgets?: string | undefined;
  /** Further thresholds of k6, by metric. */
  thresholds: Readonly<Record<string, readonly string[]>>;
  /** Base URL of a Prometheus that k6 writes its figures to, if any. */
  prometheus?: string | undefined;
  /** Where it is exposed while it runs, if anywhere. */
  metrics?: LoadMetricsPage | undefined;
  commit: string;
  /** The command that runs it again. */
  command: string;
  say: (line: string) => void;
  onProgress: (progress: LoadProgress) => void;
  signal?: AbortSignal;
}

export interface LoadTestResult {
  report: LoadReport;
  /** What was asked of the model, for `fullhouse simulate --replay`; null without a model. */
  inputs: string | null;
}

/** Name of that file, beside the report. */
export const inputsFileName = "inputs.json";

/** The model runs of a validation row: their figures are averaged. */
const modelSeedCount = 3;
/** Emulated lines that are later than this are slower than they say. As k6's own lateness. */
const linesLateMsMax = 250;
/** Past this share of the night the model ran too slowly for its inputs to be where they belong. */
const behindRatioMax = 0.05;

/** Throws an AppError when something it needs is missing, too small or breaks, or `signal` aborts it. */
export async function loadTest(options: LoadTestOptions): Promise<LoadTestResult> {
  const { scenario, say, signal } = options;
  const bounds =
    options.budgets === undefined ? new Map<string, number>() : readBudgets(options.budgets);
  requireCapacity(scenario);
  const { prometheus } = options;
  if (prometheus !== undefined) await checkPrometheus(prometheus);
  const output = prometheus === undefined ? undefined : prometheusOutput(prometheus);
  const k6 = await findOrBuildK6(say);
  signal?.throwIfAborted();
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-k6-scripts-"));
  let target: RunTarget | undefined;
  try {
    target = await targetOf(options);
    signal?.throwIfAborted();
    const entryOf = (script: "wire" | "night"): Promise<string> =>
      k6Entry(script, { abr: scenario.viewer.abr, folder });
    const scripts = { wire: await entryOf("wire"), night: await entryOf("night") };
    // Our own edges are to be cold: nobody asks them for anything before the viewers do.
    if (!target.isOwn) target = await described(target, options);
    signal?.throwIfAborted();
    const running = { ...options, k6, scripts, target, output };
    const validation = target.isOwn ? await validate(running) : null;
    const main = await runNight(running);
    return { report: reportOf({ options, target, validation, main, bounds }), inputs: main.inputs };
  } finally {
    await target?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Says what a foreign target has, which shows that its feed can be watched, and keeps it. */
async function described(target: RunTarget, { say, signal }: LoadTestOptions): Promise<RunTarget> {
  const { rungs, targetDurationMs } = await readOffer(target.edgeUrls[0]!, target.feed, signal);
  say(`The feed has rungs of ${rungs.map(({ peakKbps }) => peakKbps).join(", ")} kbps.`);
  return { ...target, targetDurationMs };
}

async function targetOf({ target, scenario, say, signal }: LoadTestOptions): Promise<RunTarget> {
  if (target !== undefined) return foreignTarget(target, scenario.wire);
  return startTarget(scenario, { say, signal });
}

type Running = Omit<LoadTestOptions, "target"> & {
  k6: string;
  /** Paths. */
  scripts: { wire: string; night: string };
  target: RunTarget;
  output: K6Output | undefined;
};

interface Validated {
  rows: ValidationRow[];
  setup: WireSetup;
  feed: FeedFacts;
  complaints: string[];
  /** What those runs missed of what is asked of every run, and their balances. */
  checks: LoadReport["checks"];
  conservation: ConservationRow[];
}

/** Wire and model side by side, for each size; null when none is asked for. */
async function validate(running: Running): Promise<Validated | null> {
  const { scenario, target, say, k6, scripts, signal } = running;
  const { validationCounts } = scenario.wire;
  const rows: ValidationRow[] = [];
  const complaints: string[] = [];
  const checks: Validated["checks"] = [];
  const conservation: ConservationRow[] = [];
  let last: Pick<Validated, "setup" | "feed"> | undefined;
  for (const viewerCount of validationCounts) {
    const setup = validationSetup(scenario, viewerCount);
    say(`Wire against model: ${things(viewerCount, "real viewer")}, ${setup.durationSec} s ...`);
    const run = await runWire({
      ...{ k6, scenario, setup, target, signal },
      output: running.output,
      script: scripts.wire,
      onSample: watcherOf(running, setup, () => undefined),
    });
    // Now the window is full: the sizes of all its segments are known.
    const feed = await readFeedFacts(target.edgeUrls[0]!, target.feed, signal);
    const models: ModelReport[] = [];
    for (let seed = scenario.seed; seed < scenario.seed + modelSeedCount; seed++) {
      const modelRun = { number: seed - scenario.seed + 1, of: modelSeedCount };
      running.onProgress({ wire: undefined, viewerCount, model: undefined, modelRun });
      const twin = twinScenario(scenario, { setup, feed, seed });
      const { report } = await runSimulation({
        scenario: twin,
        commit: running.commit,
        workerCount: 1,
        ...(signal === undefined ? {} : { signal }),
      });
      models.push(report);
    }
    rows.push(validationRow(run, feed, models));
    const found = complaintsOf(run);
    complaints.push(...found.map((words) => `At ${viewerCount} viewers: ${words}`));
    const at = ({ name }: { name: string }): string => `${name}, at ${viewerCount}`;
    const missed = checksOfRun(run).filter(({ ok }) => !ok);
    checks.push(...missed.map((check) => ({ ...check, name: at(check) })));
    conservation.push(...conservationRows(run).map((row) => ({ ...row, name: at(row) })));
    last = { setup, feed };
  }
  return last === undefined ? null : { rows, complaints, checks, conservation, ...last };
}

interface Main {
  run: MeasuredRun;
  report: ModelReport | null;
  inputs: string | null;
  behindSecMax: number;
}

/** The modelled night and its real viewers; against somebody else's target, those alone. */
async function runNight(running: Running): Promise<Main> {
  const { scenario, target, say, thresholds, k6, scripts, signal } = running;
  const setup = probeSetup(scenario);
  const night = target.isOwn ? await prepareNight(scenario) : undefined;
  if (running.metrics !== undefined) running.metrics.night = night?.serverUrl;
  try {
    signal?.throwIfAborted();
    const { viewerCount } = scenario.audience;
    const real = things(setup.viewerCount, "real viewer");
    say(
      night === undefined
        ? `${real}, ${setup.durationSec} s ...`
        : `${things(viewerCount, "modelled viewer")} and ${real}, ${setup.durationSec} s ...`,
    );
    if (night !== undefined) {
      say(`Faults and caps while it runs: POST ${night.serverUrl}/sim/runs/${night.runId}/events`);
    }
    const run = await runWire({
      ...{ k6, scenario, setup, target, signal },
      output: running.output,
      script: night === undefined ? scripts.wire : scripts.night,
      variables:
        night === undefined ? {} : { NIGHT: JSON.stringify(nightRun(scenario, night, thresholds)) },
      processes: night === undefined ? [] : [night.process],
      onSample: watcherOf(running, setup, watchModel(night)),
    });
    if (night === undefined) return { run, report: null, inputs: null, behindSecMax: 0 };
    return { run, ...(await night.result()) };
  } finally {
    if (running.metrics !== undefined) running.metrics.night = undefined;
    await night?.stop();
  }
}

/** Passes on what each sample of a run says. */
function watcherOf(
  { target, metrics, onProgress }: Running,
  setup: WireSetup,
  model: () => LoadProgress["model"],
): (samples: readonly Sample[]) => void {
  metrics?.load.runBegins({ viewerCount: setup.viewerCount, nodes: target.nodes });
  return (samples) => {
    metrics?.load.sampled(samples.at(-1)!);
    onProgress(progressOf(samples, { target, setup, model: model() }));
  };
}

/** The model's last known state; each look at it asks for the next one. */
function watchModel(night: ModelNight | undefined): () => LoadProgress["model"] {
  let last: LoadProgress["model"];
  let isAsking = false;
  return () => {
    if (night !== undefined && !isAsking) {
      isAsking = true;
      void night.stats().then((stats) => {
        isAsking = false;
        if (stats !== undefined) last = stats;
      });
    }
    return last;
  };
}

function reportOf(of: {
  options: LoadTestOptions;
  target: RunTarget;
  validation: Validated | null;
  main: Main;
  bounds: ReadonlyMap<string, number>;
}): LoadReport {
  const { options, target, validation, main, bounds } = of;
  const { scenario } = options;
  const { run, report: model, behindSecMax } = main;
  const wire = wireSection(run);
  const generator = generatorSection(run, k6Version);
  const judged = {
    voidReasons: [
      ...complaintsOf(run),
      ...(validation?.complaints ?? []),
      ...behindComplaints(scenario, behindSecMax),
    ],
    checks: [...checksOfRun(run), ...(validation?.checks ?? [])],
    budgets: budgetRows(bounds, { wire, generator, run, idleBytes: target.idleBytes }),
    conservation: [...conservationRows(run), ...(validation?.conservation ?? [])],
    validation:
      validation === null
        ? null
        : { ...parameterSets(validation.setup, validation.feed), rows: validation.rows },
  };
  return {
    evidence: model === null ? "measured" : "measured and modelled",
    version: 1,
    scenario: scenario.name,
    title: scenario.title,
    seed: scenario.seed,
    commit: options.commit,
    startedUnixMs: Math.round(run.startedUnixMs),
    verdict: loadVerdictOf(judged),
    headline: headlineOf(wire, model),
    wire,
    generator,
    modelled:
      model === null
        ? null
        : {
            timeRatio: scenario.wire.timeRatio,
            behindSecMax,
            report: model,
            inputsFile: inputsFileName,
          },
    ...judged,
    caveats: [
      ...unjudgedWords(bounds, wire.viewers),
      ...caveatsOf(scenario, {
        setup: run.setup,
        isOwn: target.isOwn,
        hasModel: model !== null,
      }),
    ],
    host: measuringHost(),
    parameters: {
      command: options.command,
      target: options.target ?? null,
      scenario: { ...scenario },
    },
  };
}

function headlineOf(wire: LoadReport["wire"], model: ModelReport | null): LoadReport["headline"] {
  const edge = wire.tiers.find(({ tier }) => tier === "edge");
  const rates = wire.timeline.map(({ egressGbps }) => egressGbps);
  // Against somebody else's target: over the second half, when everybody is there.
  const late = rates.slice(Math.floor(rates.length / 2));
  const mean = late.reduce((sum, rate) => sum + rate, 0) / Math.max(1, late.length);
  return {
    modelledViewers: model?.headline.viewers ?? null,
    realSockets: wire.viewers,
    ratio: model === null ? null : model.headline.viewers / wire.viewers,
    measuredGbpsMean: edge?.egressGbps ?? mean,
    measuredGbpsPeak: Math.max(0, ...rates),
    modelledGbpsMean: model?.headline.egressGbpsMean ?? null,
    modelledGbpsPeak: model?.headline.egressGbpsPeak ?? null,
  };
}

/** What is asked of every run, by k6's thresholds and beside them. */
function checksOfRun(run: MeasuredRun): LoadReport["checks"] {
  const all = checksOf(run.figures, { isOwn: run.nodes.length > 0 });
  const peak = connectionsPeak(run);
  return peak === null ? all : [...all, restartCheck(run), cameCheck(run, peak)];
}

/** Why what generates the load was the bottleneck: k6, or the emulator of lines. */
function complaintsOf(run: MeasuredRun): string[] {
  const lateMs = run.linesLateMsP99;
  return [
    ...generatorComplaints(generatorSection(run, k6Version)),
    ...(lateMs <= linesLateMsMax
      ? []
      : [
          `The emulator of lines sent ${lateMs.toFixed(0)} ms late (p99, at most ${linesLateMsMax} ms): take fewer viewers, or leave the machine to this run.`,
        ]),
  ];
}

function behindComplaints({ durationSec, wire }: Scenario, behindSecMax: number): string[] {
  if (behindSecMax <= behindRatioMax * durationSec) return [];
  return [
    `The model fell ${behindSecMax.toFixed(0)} s of the night behind its clock (at most ${Math.round(behindRatioMax * durationSec)} s): take a lower wire.timeRatio than ${wire.timeRatio}, or fewer real viewers.`,
  ];
}
