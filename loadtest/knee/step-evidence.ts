/** One step as it was seen, made of its run: figures over the time when everybody was there. Pure. */
import { checksOf } from "../wire/load-checks.ts";
import { coresBetween } from "../wire/cpu-cores.ts";
import { generatorName, steadySamples, type MeasuredRun } from "../wire/measured-run.ts";
import { gbpsBetween, tierBetween } from "../wire/node-sums.ts";
import type { Sample } from "../wire/sampler.ts";
import { generatorSection } from "../wire/wire-section.ts";
import type { StepEvidence } from "./what-broke.ts";

interface Span {
  before: Sample;
  after: Sample;
}

/** `segmentMs`: of the feed; `edgeSockets`: files that the edges had open for viewers, at the most. */
export function evidenceOf(
  run: MeasuredRun,
  of: { segmentMs: number; edgeSockets: number; k6Version: string },
): StepEvidence {
  const { figures, setup, samples, nodes, cores } = run;
  const span = wholeSegments(answered(run), of.segmentMs);
  const edges = nodes.filter(({ tier }) => tier === "edge").map(({ name }) => name);
  const coresOf = (name: string): number => coresBetween(span.before, span.after, name) ?? 0;
  const byEdge = edges.map((name) => ({ name, cores: coresOf(name) }));
  const own = sum(run.processes.map(coresOf));
  const machine = machineBetween(span, { own, cores });
  const generator = generatorSection(run, of.k6Version);
  const step = {
    viewers: setup.viewerCount,
    measuredSec: (span.after.atMs - span.before.atMs) / 1_000,
    gbps: gbpsBetween(tierBetween(nodes, "edge", span).egressBytes, span),
    edgeCores: sum(byEdge.map((edge) => edge.cores)),
    busiestEdge: byEdge.reduce((most, edge) => (edge.cores > most.cores ? edge : most)),
    generatorCores: coresOf(generatorName),
    generatorBusyRatio: generator.busyRatio,
    machineBusyRatio: Math.min(1, machine.busyCores / cores),
    otherCores: Math.max(0, machine.busyCores - own),
    scheduleLagMsP99: generator.scheduleLagMsP99,
    startupMsP95: 1_000 * (figures.trend("viewer_startup_seconds", "p(95)") ?? 0),
    lateSegmentRatio: figures.rate("viewer_late_segments"),
    playlistMsP99: 1_000 * (figures.trend("viewer_playlist_seconds", "p(99)") ?? 0),
    failedRatio: figures.rate("http_req_failed"),
    edgeBytes: largest(
      samples.map(({ rssBytes }) => sum(edges.map((edge) => rssBytes.get(edge) ?? 0))),
    ),
    generatorBytes: generator.rssBytes,
    edgeSockets: of.edgeSockets,
  };
  return { step, generator, checks: checksOf(figures, { isOwn: true }), cores };
}

/** The steady samples in which every node answered: one that did not would count as idle. */
function answered(run: MeasuredRun): readonly Sample[] {
  const steady = steadySamples(run);
  const whole = steady.filter(({ nodes }) => run.nodes.every(({ name }) => nodes.has(name)));
  return whole.length >= 2 ? whole : steady;
}

/**
 * As many whole segments as there is time for, up to the end: everybody fetches at each segment's
 * birth, so a part of one would bring a burst too many, or lack one.
 */
export function wholeSegments(samples: readonly Sample[], segmentMs: number): Span {
  const after = samples.at(-1)!;
  const count = Math.floor((after.atMs - samples[0]!.atMs) / segmentMs);
  const fromMs = count === 0 ? samples[0]!.atMs : after.atMs - count * segmentMs;
  const away = (sample: Sample): number => Math.abs(sample.atMs - fromMs);
  const before = samples
    .slice(0, -1)
    .reduce((nearest, sample) => (away(sample) < away(nearest) ? sample : nearest));
  return { before, after };
}

/**
 * Cores in use by whatever runs. Where a control group leaves less than the machine has, what others
 * use there is not known: then those of the run alone.
 */
function machineBetween(
  { before, after }: Span,
  { own, cores }: { own: number; cores: number },
): { busyCores: number } {
  const passedSec = (after.atMs - before.atMs) / 1_000;
  const all = (after.machine.all - before.machine.all) / passedSec;
  const busy = (after.machine.busy - before.machine.busy) / passedSec;
  // Clock ticks of 10 ms make a core of somewhat more or less.
  const isWhole = all < cores + 0.5;
  return { busyCores: isWhole ? busy : own };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
