/**
 * The capacity finder: one broadcast of our own, then real viewers in the real k6, more from step to
 * step, until something breaks. What to try and what broke is decided elsewhere (knee-search,
 * what-broke); this runs it.
 */
import { join } from "node:path";
import { AppError } from "../../src/base/errors.ts";
import type { KneeReport } from "../../src/config/schema-knee-report.ts";
import type { Scenario } from "../../src/config/schema-scenario.ts";
import { packageRoot } from "../../src/node/package-root.ts";
import { k6Version } from "../k6/build/build.mjs";
import { requireCapacity } from "../wire/capacity-check.ts";
import { readFeedFacts, type FeedFacts } from "../wire/feed-facts.ts";
import { findOrBuildK6 } from "../wire/k6-process.ts";
import { progressOf, type LoadProgress } from "../wire/load-progress.ts";
import { rssBytesOf, whileRunning } from "../wire/process-usage.ts";
import { startTarget, type RunTarget } from "../wire/run-target.ts";
import { runWire } from "../wire/run-wire.ts";
import type { WireSetup } from "../wire/wire-setup.ts";
import { largestGood, nextStep, smallestBroken, type SearchPlan } from "./knee-search.ts";
import { kneeReportOf } from "./knee-report.ts";
import { stepWords } from "./knee-text.ts";
import { ceilingOf, filesOpenOf, systemLimits, type Ceiling } from "./socket-ceiling.ts";
import { evidenceOf } from "./step-evidence.ts";
import { findingsOf, firstFinding, isDisturbed } from "./what-broke.ts";

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
/** What k6 takes to start and to end, beside the step. Measured at 10,000 viewers: some seconds. */
const aroundStepMs = 8_000;
/** Steps of a search that are run again because other programs broke them. */
const repeatCountMax = 2;
/** Everybody has arrived by then, or within a quarter of a short step. */
const arrivalSecMax = 8;

/** Throws an AppError when something is missing, `signal` aborts it, or the first step breaks. */
export async function findKnee(options: KneeOptions): Promise<KneeReport> {
  const { scenario, from, to, stepSec, say } = options;
  const { wire } = scenario;
  // Also whether this system can be measured at all.
  requireCapacity({ ...scenario, wire: { ...wire, viewerCount: from, validationCounts: [] } });
  const limits = systemLimits();
  const ceiling = ceilingOf({ to, edges: wire.edges, ...limits });
  const k6 = await findOrBuildK6(say);
  const startedUnixMs = Date.now();
  const target = await startTarget(scenario, say);
  try {
    const feed = await readFeedFacts(target.edgeUrls[0]!, target.feed, { canBlock: false });
    const stepMs = 1_000 * stepSec + aroundStepMs;
    const plan = { from, ceiling: ceiling.viewers, stepCountMax, durationMsMax, stepMs };
    say(
      `Steps of ${stepSec} s from ${from} viewers up to ${ceiling.viewers}, at most ${stepCountMax} of them ...`,
    );
    const { steps, why, ...more } = await search({ ...options, k6, target, feed, plan });
    if (why === "first") throw firstBrokenError(steps[0]!);
    return kneeReportOf({
      ...options,
      ...more,
      ...{ steps, feed, startedUnixMs, openFiles: limits.openFiles },
      end: endOf(steps, why, ceiling),
    });
  } finally {
    await target.stop();
  }
}

interface Search extends KneeOptions {
  k6: string;
  target: RunTarget;
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
    of.say(stepWords(step));
    if (isDisturbed(step) && repeatCount < repeatCountMax) {
      repeatCount++;
      of.say("That step was broken by other programs on this machine: once more.");
      continue;
    }
    steps.push(step);
  }
}

async function runStep(
  of: Search,
  { viewerCount, idleFiles }: { viewerCount: number; idleFiles: number },
): Promise<Step> {
  const { k6, scenario, target, feed, signal } = of;
  const setup = stepSetup(scenario, viewerCount, of.stepSec);
  let mostFiles = idleFiles;
  const run = await runWire({
    ...{ k6, scenario, setup, target, signal },
    script: join(packageRoot(), "loadtest/k6/scripts/wire.ts"),
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

function endOf(
  steps: readonly Step[],
  why: "knee" | "ceiling" | "limits",
  ceiling: Ceiling,
): KneeReport["end"] {
  const good = largestGood(steps)!;
  const broken = smallestBroken(steps);
  if (broken !== undefined) {
    const first = firstFinding(good, broken);
    const also = broken.broken.filter((finding) => finding !== first).map(({ words }) => words);
    return { by: first.cause, viewers: broken.viewers, words: first.words, also };
  }
  const { viewers } = good;
  if (why === "ceiling") return { by: ceiling.by, viewers, words: ceiling.words, also: [] };
  const words = `Nothing broke within ${steps.length} steps: begin with more viewers (--from).`;
  return { by: "limits", viewers, words, also: [] };
}

const advice: Readonly<Record<Step["broken"][number]["cause"], string>> = {
  "edge CPU": "begin with fewer viewers (--from), lower the --cap, or start more --edges",
  generator: "begin with fewer viewers (--from), or leave the machine to this run",
  machine: "begin with fewer viewers (--from), or leave the machine to this run",
  quality: "begin with fewer viewers (--from); if that helps nothing, look at what is named",
};

function firstBrokenError(step: Step): AppError {
  const { cause, words } = firstFinding(undefined, step);
  return new AppError(
    "LIMIT_TOO_LOW",
    `the first step, of ${step.viewers} viewers, is broken already, so there is no knee: ${cause}. ` +
      `${words} What to do: ${advice[cause]}`,
  );
}
