/** One run of real viewers: lines emulated where the setup says so, k6, and everything watched. */
import type { Scenario } from "../../src/config/schema-scenario.ts";
import type { K6Output } from "../k6/prometheus-output.ts";
import type { WireRun } from "../k6/scripts/wire-run.ts";
import { coresAllowed } from "./cpu-cores.ts";
import { freePort } from "./free-port.ts";
import { K6Figures } from "./k6-figures.ts";
import { startK6, type K6Process } from "./k6-process.ts";
import { startLinks } from "./link-emulator.ts";
import { generatorName, type MeasuredRun } from "./measured-run.ts";
import type { RunTarget } from "./run-target.ts";
import { Sampler, type Sample, type WatchedProcess } from "./sampler.ts";
import type { WireSetup } from "./wire-setup.ts";

export interface WireRunOptions {
  k6: string;
  script: string;
  scenario: Scenario;
  setup: WireSetup;
  target: RunTarget;
  /** Further variables of the script, and processes to watch. */
  variables?: Readonly<Record<string, string>>;
  processes?: readonly WatchedProcess[];
  /** Where k6 writes its own figures while it runs, if anywhere. */
  output?: K6Output | undefined;
  onSample?: (samples: readonly Sample[]) => void;
  signal?: AbortSignal | undefined;
}

/** How often an emulated line changes its rate; as long as the relay's segments. */
const lineStepMs = 4_267;

/** Throws an AppError when k6 breaks or something it needs does not start. */
export async function runWire(options: WireRunOptions): Promise<MeasuredRun> {
  const { k6, script, scenario, setup, target, processes = [], signal } = options;
  signal?.throwIfAborted();
  const links =
    setup.links.length === 0
      ? undefined
      : await startLinks(setup, { scenario, edgeUrls: target.edgeUrls, stepMs: lineStepMs });
  const watched = [...target.processes, ...processes, ...(links ? [links.process] : [])];
  const sampler = new Sampler(target.nodes, (samples) => options.onSample?.(samples));
  for (const process of watched) sampler.watch(process);
  try {
    await sampler.start();
    const apiPort = await freePort();
    // From here to the listener nothing waits: an abort comes before k6 starts, or stops it.
    signal?.throwIfAborted();
    const wire = wireRunOf({ scenario, setup, target, targets: links?.targets });
    const process = startK6(k6, {
      script,
      variables: { ...options.variables, WIRE: JSON.stringify(wire) },
      apiPort,
      output: options.output,
    });
    sampler.watch({ name: generatorName, pid: process.pid });
    if (target.nodes.length === 0) sampler.ask(() => viewersOf(process));
    const stop = (): void => process.stop();
    signal?.addEventListener("abort", stop, { once: true });
    const { code, metrics, startedUnixMs } = await process.ended.finally(() =>
      signal?.removeEventListener("abort", stop),
    );
    signal?.throwIfAborted();
    await sampler.stop();
    return {
      setup,
      figures: new K6Figures(metrics),
      code,
      samples: sampler.samples,
      restarts: sampler.restarts,
      nodes: target.nodes,
      processes: [...watched.map(({ name }) => name), generatorName],
      startMs: performance.now() - (Date.now() - startedUnixMs),
      startedUnixMs,
      linesLateMsP99: (await links?.latenessMsP99()) ?? 0,
      cores: coresAllowed(),
    };
  } finally {
    sampler.end();
    await links?.stop();
  }
}

/** What the generator is told. */
async function viewersOf(k6: K6Process): Promise<Sample["viewers"]> {
  const [receivedBytes, joins, leaves = 0] = await Promise.all(
    ["viewer_bytes", "viewer_joins", "viewer_leaves"].map((metric) => k6.counted(metric)),
  );
  if (receivedBytes === undefined || joins === undefined) return undefined;
  return { receivedBytes, watching: joins - leaves };
}

export function wireRunOf(of: {
  scenario: Scenario;
  setup: WireSetup;
  target: Pick<RunTarget, "feed" | "edgeUrls" | "targetDurationMs"> & { isOwn?: boolean };
  targets: readonly (readonly string[])[] | undefined;
}): WireRun {
  const { scenario, setup, target, targets = [target.edgeUrls] } = of;
  const { audience, viewer, wire, seed } = scenario;
  const isEmulated = setup.links.length > 0;
  return {
    feed: target.feed,
    targets,
    linkRatios: isEmulated ? setup.links.map(({ ratio }) => ratio) : [1],
    seed,
    viewerCount: setup.viewerCount,
    durationSec: setup.durationSec,
    arrivals: setup.arrivals,
    churnPerMinRatio: audience.churnPerMinRatio,
    startGraceSec: audience.startGraceSec,
    startLeavePerSecRatio: audience.startLeavePerSecRatio,
    stallLeaveSecPerSec: audience.stallLeaveSecPerSec,
    holdBackTargetDurations: viewer.holdBackTargetDurations,
    bufferMsMax: viewer.bufferMsMax,
    blockingReload: viewer.blockingReload,
    sampleEvery: wire.sampleEvery,
    needsDigest: target.isOwn ?? false,
    targetDurationMs: target.targetDurationMs,
    rttMs: setup.rttMs,
    judgedBy: isEmulated ? "lines" : "edges",
  };
}
