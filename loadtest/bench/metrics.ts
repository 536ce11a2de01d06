/**
 * What metrics cost an edge at 20,000 requests/s: counting, by a microbenchmark of what is counted a
 * request, and scrapes, by the CPU of the real program with and without them, in alternating rounds.
 * A scrape each 5 s is within the noise of a round, so that its cost comes from one each 100 ms.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { edgeMetrics } from "../../src/metrics/edge.ts";
import { HistogramSlots } from "../../src/metrics/histogram-slots.ts";
import { Metrics } from "../../src/node/metrics.ts";
import { startScriptedOrigin } from "../peers/scripted-origin.ts";
import { cpuSecOf } from "../wire/process-usage.ts";
import {
  mediansOf,
  type BenchOptions,
  type BenchResult,
  type BenchRow,
} from "./harness/bench-result.ts";
import { startEdgeProgram, type EdgeProgram } from "./harness/edge-program.ts";
import { requireTools } from "./harness/processes.ts";
import { runWrk } from "./harness/wrk.ts";

const requestsPerSecAim = 20_000;
const serverCore = 0;
const clientCore = 1;
const connectionCount = 240;
/** With a rest of so long and an answer within 2 ms, these connections make about 20,000 requests/s. */
const restMs = 10;
const durationSec = 10;
const warmUpSec = 2;
/** What Prometheus is configured to do. */
const scrapeEverySec = 5;
const contenders = [
  { name: "no scrape", everyMs: Infinity },
  { name: "a scrape each 5 s", everyMs: 1_000 * scrapeEverySec },
  { name: "a scrape each 100 ms", everyMs: 100 },
] as const;

export async function run({ rounds, say }: BenchOptions): Promise<BenchResult> {
  requireTools([
    { program: "wrk", debianPackage: "wrk" },
    { program: "taskset", debianPackage: "util-linux" },
  ]);
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-bench-metrics-"));
  const parent = await startScriptedOrigin({
    feed: "main",
    rungs: [{ kbps: 300, width: 480, height: 270 }],
    segmentDurationMs: 4_267,
    segmentBytes: 160_000,
  });
  let edge: EdgeProgram | undefined;
  try {
    edge = await startEdgeProgram({ core: serverCore, folder, parentUrl: parent.url, say });
    await measure(edge, Infinity, warmUpSec);
    const rows: BenchRow[] = [];
    for (let round = 1; round <= rounds; round++) {
      for (const { name, everyMs } of contenders) {
        const values = await measure(edge, everyMs, durationSec);
        rows.push({ task: "playlist 1 kB", contender: name, values });
        const { requestsPerSec, cpuUsPerRequest, scrapeMsP99 } = values;
        say(
          `round ${round}: ${name}: ${requestsPerSec.toFixed(0)} requests/s, ` +
            `${cpuUsPerRequest.toFixed(2)} µs CPU each, scrapes ${scrapeMsP99.toFixed(1)} ms (p99)`,
        );
      }
      rows.push(...countingRows());
    }
    return resultOf(mediansOf(rows));
  } finally {
    await edge?.program.stop();
    await parent.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** wrk for so long, with a scrape each `everyMs` beside it. */
async function measure(edge: EdgeProgram, everyMs: number, seconds: number) {
  const wrk = { ended: false };
  const cpuBefore = cpuSecOf(edge.program.pid);
  const load = runWrk({
    url: `${edge.url}/live/main/300/index.m3u8`,
    core: clientCore,
    durationSec: seconds,
    connectionCount,
    restMs,
  }).finally(() => (wrk.ended = true));
  const scrapes = Number.isFinite(everyMs)
    ? await scrapeWhile(`${edge.adminUrl}/metrics`, everyMs, () => !wrk.ended)
    : [];
  const figures = await load;
  const cpuSec = cpuSecOf(edge.program.pid) - cpuBefore;
  const sortedMs = scrapes.map(({ ms }) => ms).sort((one, other) => one - other);
  const last = scrapes.at(-1)?.text ?? "";
  return {
    requestsPerSec: figures.requestsPerSec,
    cpuUsPerRequest: (1e6 * cpuSec) / figures.requestCount,
    cpuBusyRatio: cpuSec / figures.durationSec,
    latencyP99Ms: figures.latencyP99Ms,
    scrapesPerSec: scrapes.length / figures.durationSec,
    scrapeMsP50: sortedMs[Math.floor(sortedMs.length / 2)] ?? Number.NaN,
    scrapeMsP99: sortedMs[Math.floor(0.99 * sortedMs.length)] ?? Number.NaN,
    series: last.split("\n").filter((line) => /^[a-z]/.test(line)).length || Number.NaN,
    scrapeBytes: last.length || Number.NaN,
  };
}

async function scrapeWhile(
  url: string,
  everyMs: number,
  isUnderWay: () => boolean,
): Promise<{ ms: number; text: string }[]> {
  const scrapes: { ms: number; text: string }[] = [];
  const startMs = performance.now();
  for (let n = 0; ; n++) {
    // Half a step late, so that a round has as many of them as it has steps.
    await delay(Math.max(0, startMs + (n + 0.5) * everyMs - performance.now()));
    if (!isUnderWay()) return scrapes;
    const askedMs = performance.now();
    const text = await (await fetch(url)).text();
    scrapes.push({ ms: performance.now() - askedMs, text });
  }
}

const countedTimes = 2_000_000;

/** Nanoseconds of what an edge counts for a hit, and of the same in prom-client's instruments. */
function countingRows(): BenchRow[] {
  const slots = new Float64Array(64);
  const firstByte = new HistogramSlots({ buckets: edgeMetrics.firstByte.buckets, seriesCount: 6 });
  const metrics = new Metrics({ tier: "edge", node: "bench" });
  const responses = metrics.counter(edgeMetrics.responses);
  const egress = metrics.counter(edgeMetrics.egressBytes);
  const events = metrics.counter(edgeMetrics.relayEvents);
  const histogram = metrics.histogram(edgeMetrics.firstByte);
  const row = (contender: string, count: (n: number) => void): BenchRow => {
    for (let n = 0; n < countedTimes / 10; n++) count(n);
    const startMs = performance.now();
    for (let n = 0; n < countedTimes; n++) count(n);
    const nsPerRequest = ((performance.now() - startMs) * 1e6) / countedTimes;
    return { task: "counting a hit", contender, values: { nsPerRequest } };
  };
  return [
    row("slots", (n) => {
      const kind = n % 6;
      slots[kind * 9]! += 1;
      slots[60]! += 1_000;
      slots[61]! += 1;
      firstByte.observe(kind, 0);
    }),
    row("prom-client", () => {
      responses.add(1, { kind: "media", outcome: "hit" });
      egress.add(1_000, { to: "viewers" });
      events.add(1, { event: "hit" });
      histogram.observe(0, { kind: "media" });
    }),
  ];
}

function resultOf(results: BenchRow[]): BenchResult {
  const value = (contender: string, key: string): number =>
    results.find((row) => row.contender === contender)?.values[key] ?? Number.NaN;
  const [plain, often] = ["no scrape", "a scrape each 100 ms"];
  // The same requests cost the same, so what is more is of the scrapes.
  const moreUs = value(often, "cpuUsPerRequest") - value(plain, "cpuUsPerRequest");
  const usPerScrape = (moreUs * value(often, "requestsPerSec")) / value(often, "scrapesPerSec");
  const edgeUsPerSec = requestsPerSecAim * value(plain, "cpuUsPerRequest");
  const countingRatio = (requestsPerSecAim * value("slots", "nsPerRequest")) / 1_000 / edgeUsPerSec;
  const scrapingRatio = usPerScrape / scrapeEverySec / edgeUsPerSec;
  const ratios = {
    "counting, of the edge's CPU": countingRatio,
    "a scrape each 5 s, of the edge's CPU": scrapingRatio,
    "metrics, of the edge's CPU": countingRatio + Math.max(0, scrapingRatio),
    "CPU of a scrape (ms)": usPerScrape / 1_000,
    "CPU a request, a scrape each 5 s / no scrape":
      value("a scrape each 5 s", "cpuUsPerRequest") / value(plain, "cpuUsPerRequest"),
    "counting a hit, prom-client / slots":
      value("prom-client", "nsPerRequest") / value("slots", "nsPerRequest"),
  };
  return {
    results,
    ratios,
    targets: [
      {
        name: "metrics, of the edge's CPU",
        value: ratios["metrics, of the edge's CPU"],
        max: 0.03,
      },
      { name: "CPU of a scrape (ms)", value: ratios["CPU of a scrape (ms)"], max: 5 },
      {
        name: "a scrape of the busy edge, median (ms)",
        value: value(often, "scrapeMsP50"),
        max: 5,
      },
      { name: "series", value: value(often, "series"), max: 1_200 },
    ],
  };
}
