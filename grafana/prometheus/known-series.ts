/**
 * Which series there are and which labels they have: of the catalogue, of Prometheus itself, and of
 * recording rules. What expressions of rules and dashboards name is held against it.
 */
import { feedStates } from "../../src/hls/status.ts";
import { cmcdMetrics } from "../../src/metrics/cmcd.ts";
import { edgeMetrics } from "../../src/metrics/edge.ts";
import { loadMetrics } from "../../src/metrics/load.ts";
import type { MetricSpec } from "../../src/metrics/metric.ts";
import { originMetrics } from "../../src/metrics/origin.ts";
import { processMetrics } from "../../src/metrics/process.ts";
import { qoeMetrics } from "../../src/metrics/qoe.ts";
import { roomMetrics } from "../../src/metrics/room.ts";
import { simMetrics } from "../../src/metrics/sim.ts";
import { swarmMetrics } from "../../src/metrics/swarm.ts";
import { outcomeNames } from "../../src/relay/answer.ts";
import { countIndex } from "../../src/relay/counts.ts";
import { namesIn, type Matcher } from "./expressions.ts";
import type { RecordingRule } from "./rule-files.ts";

/** Series name to label names. */
export type KnownSeries = ReadonlyMap<string, ReadonlySet<string>>;

/** What every scraped series has: of the process itself, and of the scrape. */
const commonLabels = ["tier", "node", "job", "instance"];

/** Values that a label can have, where the code lists them. */
const labelValues: Readonly<Record<string, readonly string[]>> = {
  [`${originMetrics.feedState.name} state`]: feedStates,
  [`${edgeMetrics.feedState.name} state`]: feedStates,
  [`${edgeMetrics.responses.name} outcome`]: outcomeNames,
  [`${edgeMetrics.relayEvents.name} event`]: Object.keys(countIndex),
  [`${edgeMetrics.egressBytes.name} to`]: ["viewers", "children"],
  [`${qoeMetrics.receivedBytes.name} from`]: ["edge", "peers"],
  [`${qoeMetrics.frames.name} outcome`]: ["shown", "dropped"],
  [`${swarmMetrics.receivedBytes.name} from`]: ["edge", "peers"],
};

/** The series of the catalogue, `up`, and those that the recording rules make. */
export function knownSeries(recordingRules: readonly RecordingRule[]): KnownSeries {
  const known = new Map<string, ReadonlySet<string>>([["up", new Set(commonLabels)]]);
  const catalogues: Record<string, MetricSpec>[] = [
    originMetrics,
    edgeMetrics,
    cmcdMetrics,
    qoeMetrics,
    roomMetrics,
    swarmMetrics,
    simMetrics,
    loadMetrics,
    processMetrics,
  ];
  for (const spec of catalogues.flatMap((catalogue) => Object.values(catalogue))) {
    const labels = [...commonLabels, ...(spec.labels ?? [])];
    if (spec.type === "histogram") {
      known.set(`${spec.name}_bucket`, new Set([...labels, "le"]));
      known.set(`${spec.name}_sum`, new Set(labels));
      known.set(`${spec.name}_count`, new Set(labels));
    } else {
      known.set(spec.name, new Set(labels));
    }
  }
  for (const { record, expr, labels = {} } of recordingRules) {
    known.set(record, new Set([...Object.keys(labels), ...labelsIn(expr, known)]));
  }
  return known;
}

/** Names in the expression that nothing has, in words; empty when all is known. */
export function unknownNames(expression: string, known: KnownSeries): string[] {
  const { selectors, labels, errors } = namesIn(expression);
  const ofSeries = selectors.flatMap(({ series, matchers }) => {
    const own = known.get(series);
    if (own === undefined) return [`no series is called "${series}"`];
    return matchers.flatMap((matcher) => matcherProblems(series, own, matcher));
  });
  const all = labelsIn(expression, known);
  const ofLabels = labels
    .filter((label) => !all.has(label))
    .map((label) => `nothing in it has the label "${label}"`);
  return [...errors, ...ofSeries, ...ofLabels];
}

/** Labels that any series in the expression has. */
function labelsIn(expression: string, known: KnownSeries): Set<string> {
  const { selectors } = namesIn(expression);
  return new Set(selectors.flatMap(({ series }) => [...(known.get(series) ?? [])]));
}

function matcherProblems(
  series: string,
  own: ReadonlySet<string>,
  { label, operator, value }: Matcher,
): string[] {
  if (!own.has(label)) return [`${series} has no label "${label}"`];
  const values = labelValues[`${series} ${label}`];
  if (values === undefined) return [];
  return (operator.endsWith("~") ? value.split("|") : [value])
    .filter((one) => !values.includes(one))
    .map((one) => `${label} of ${series} is never "${one}"`);
}
