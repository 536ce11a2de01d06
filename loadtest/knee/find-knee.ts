/**
 * The capacity finder: one broadcast of our own, then real viewers in the real k6, more from step to
 * step, until something breaks. What to try and what broke is decided elsewhere (knee-search,
 * what-broke); this runs it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KneeReport } from "../../src/config/schema-knee-report.ts";
import type { Scenario } from "../../src/config/schema-scenario.ts";
import { k6Version } from "../k6/k6-build.ts";
import { k6Entry } from "../k6/k6-entry.ts";
import { requireCapacity } from "../wire/capacity-check.ts";
import { coresAllowed } from "../wire/cpu-cores.ts";
import { readFeedFacts, type FeedFacts } from "../wire/feed-facts.ts";
import { findOrBuildK6 } from "../k6/find-or-build-k6.ts";
import { progressOf, type LoadProgress } from "../wire/load-progress.ts";
import { rssBytesOf, whileRunning } from "../wire/process-usage.ts";
import { startTarget, type RunTarget } from "../wire/run-target.ts";
import { runWire } from "../wire/run-wire.ts";
import type { WireSetup } from "../wire/wire-setup.ts";
import { counted, things } from "../report/number-format.ts";
import { nextStep, type SearchPlan } from "./knee-search.ts";
import { endOf, firstBrokenError } from "./knee-end.ts";
import { kneeReportOf } from "./knee-report.ts";
import { disturbedWords, stepWords } from "./knee-text.ts";
import { ceilingOf, filesOpenOf, systemLimits } from "./socket-ceiling.ts";
import { evidenceOf } from "./step-evidence.ts";
import { findingsOf, isDisturbed } from "./what-broke.ts";

type Step = KneeReport["steps"][number];

export interface KneeOptions {
  /** Without emulated lines and without churn. */
  scenario: Scenario;
  from: number;
  to: number;
  stepSec: number;
  /** The audience that is extrapolated to. */
  forViewers: number;
  commit: string;
  /** The command that runs it again. */
  command: string;
  say: (line: string) => void;
  onProgress: (progress: LoadProgress) => void;
  signal: AbortSignal;
}

/** Twelve doublings from 25 to 100,000, and the halvings. */
const stepCountMax = 16;
const durationMsMax = 20 * 60_000;
/** What k6 takes to start and to end, beside the step; arbitrary, it is for planning only. */
const aroundStepMs = 8_000;
/** Steps of a search that are run again because other programs broke them. */
const repeatCountMax = 2;
/** Everybody has arrived by then, or within a quarter of a short step. */
const arrivalSecMax = 8;

/** Throws an AppError when something is missing, `signal` aborts it, or the first step breaks. */
export async function findKnee(options: KneeOptions): Promise<KneeReport> {
  const { scenario, from, say, signal } = options;
  const { wire, viewer } = scenario;
  // Also whether this system can be measured at all.
  requireCapacity({ ...scenario, wire: { ...wire, viewerCount: from, validationCounts: [] } });
  const k6 = await findOrBuildK6(say);
  signal.throwIfAborted();
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-knee-scripts-"));
  try {
    const script = await k6Entry("wire", { abr: viewer.abr, folder });
    signal.throwIfAborted();
    const target = await startTarget(scenario, { say, signal });
    try {
      signal.throwIfAborted();
      return await kneeAt({ ...options, k6, script, target });
    } finally {
      await target.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Running extends KneeOptions {
  k6: string;
  script: string;
  target: RunTarget;
}

async function kneeAt(running: Running): Promise<KneeReport> {
  const { scenario, target, from, to, stepSec, say, signal } = running;
  const startedUnixMs = Date.now();
  const limits = systemLimits();
  const ceiling = ceilingOf({ to, edges: scenario.wire.edges, ...limits });
  const feed = await readFeedFacts(target.edgeUrls[0]!, target.feed, signal);
  signal.throwIfAborted();
  const stepMs = 1_000 * stepSec + aroundStepMs;
  const plan = { from, ceiling: ceiling.viewers, stepCountMax, durationMsMax, stepMs };
  say(
    `Steps of ${stepSec} s from ${things(from, "viewer")} up to ${counted(ceiling.viewers)}, at most ${stepCountMax} of them ...`,
  );
  const { steps, why, ...more } = await search({ ...running, feed, plan });
  if (why === "first") throw firstBrokenError(steps[0]!, coresAllowed());
  return kneeReportOf({
    ...running,
    ...more,
    ...{ steps, feed, startedUnixMs, openFiles: limits.openFiles },
    end: endOf(steps, { why, ceiling }),
  });
}

interface Search extends Running {
  feed: FeedFacts;
  plan: SearchPlan;
}

interface Searched {
  steps: Step[];
  why: "knee" | "ceiling" | "first" | "limits";
  repeatCount: number;
  edgeBytesIdle: number;
}

async function search(of: Search): Promise<Searched> {
  const steps: Step[] = [];
  const startMs = performance.now();
  const idleFiles = ofEdges(of.target, filesOpenOf);
  const edgeBytesIdle = ofEdges(of.target, rssBytesOf);
  let repeatCount = 0;
  for (;;) {
    const next = nextStep(steps, of.plan, performance.now() - startMs);
    if (next.kind === "end") return { steps, why: next.why, repeatCount, edgeBytesIdle };
    of.signal.throwIfAborted();
    const step = await runStep(of, { viewerCount: next.viewers, idleFiles });
    if (isDisturbed(step) && repeatCount < repeatCountMax) {
      repeatCount++;
      of.say(disturbedWords(step));
      continue;
    }
    steps.push(step);
    // A first step that is broken is an error, which says all of it.
    if (steps.length > 1 || step.broken.length === 0) of.say(stepWords(step));
  }
}

async function runStep(
  of: Search,
  { viewerCount, idleFiles }: { viewerCount: number; idleFiles: number },
): Promise<Step> {
  const { k6, script, scenario, target, feed, signal } = of;
  const setup = stepSetup(scenario, viewerCount, of.stepSec);
  let mostFiles = idleFiles;
  const run = await runWire({
    ...{ k6, script, scenario, setup, target, signal },
    onSample: (samples) => {
      mostFiles = Math.max(mostFiles, ofEdges(target, filesOpenOf));
      of.onProgress(progressOf(samples, { target, setup, model: undefined }));
    },
  });
  const evidence = evidenceOf(run, {
    segmentMs: feed.segmentDurationMs,
    edgeSockets: mostFiles - idleFiles,
    k6Version,
  });
  return { ...evidence.step, broken: findingsOf(evidence) };
}

/** A reading of each edge's process, added up; one that has ended counts nothing. */
function ofEdges({ nodes, processes }: RunTarget, read: (pid: number) => number): number {
  const edges = new Set(nodes.filter(({ tier }) => tier === "edge").map(({ name }) => name));
  return processes
    .filter(({ name }) => edges.has(name))
    .reduce((sum, { pid }) => sum + (whileRunning(() => read(pid)) ?? 0), 0);
}

function stepSetup(scenario: Scenario, viewerCount: number, stepSec: number): WireSetup {
  return {
    viewerCount,
    edgeCount: scenario.wire.edges,
    durationSec: stepSec,
    arrivals: [
      { atSec: 0, ratio: 0 },
      { atSec: Math.min(arrivalSecMax, stepSec / 4), ratio: 1 },
    ],
    links: [],
    rttMs: 0,
    sharedEdgeKbps: null,
  };
}
