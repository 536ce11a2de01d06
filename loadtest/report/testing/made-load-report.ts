/** Load tests' reports made by formula, for tests of what shows them. No run gave their figures. */
import {
  conservationRow,
  generatorComplaints,
  loadVerdictOf,
  validationFigure,
} from "../../../src/config/schema-load-report-rules.ts";
import type { LoadReport } from "../../../src/config/schema-load-report.ts";
import { madeReport } from "./made-report.ts";

type Wire = LoadReport["wire"];
type ValidationRow = NonNullable<LoadReport["validation"]>["rows"][number];

const realViewers = 2_000;
const measuredSec = 180;
const edgeBytes = 21_780_000_000;
const edgeFillBytes = 101_250_000;

/** A night that passed. The verdict is what the lines of the changed report make of it. */
export function madeLoadReport(changes: Partial<LoadReport> = {}): LoadReport {
  const model = madeReport();
  const report: LoadReport = {
    evidence: "measured and modelled",
    version: 1,
    scenario: "made-night",
    title: "A night that was made up",
    seed: 7,
    commit: "0123456789ab",
    startedUnixMs: Date.UTC(2026, 2, 3, 20),
    verdict: "passed",
    voidReasons: [],
    headline: {
      modelledViewers: model.headline.viewers,
      realSockets: realViewers,
      ratio: model.headline.viewers / realViewers,
      measuredGbpsMean: 0.968,
      measuredGbpsPeak: 0.9812,
      modelledGbpsMean: model.headline.egressGbpsMean,
      modelledGbpsPeak: model.headline.egressGbpsPeak,
    },
    wire: madeWire(),
    generator: madeGenerator(),
    modelled: { timeRatio: 20, behindSecMax: 0.41, report: model, inputsFile: "inputs.ndjson" },
    validation: madeValidation(),
    conservation: [madeSum(edgeBytes - 1_200_000), madeFillSum(edgeFillBytes)],
    checks: madeChecks(),
    budgets: [
      { name: "edge cores per Gbps", value: 0.64, unit: "cores/Gbps", bound: 1.5, ok: true },
      { name: "bytes per k6 viewer", value: 312_000, unit: "bytes", bound: 400_000, ok: true },
    ],
    caveats: [
      "Real viewers and servers shared the cores of one machine.",
      "Loopback neither loses nor delays: round trips are 0.",
    ],
    host: {
      cores: 8,
      memoryBytes: 32_000_000_000,
      cpu: "Made Processor 3000",
      kernel: "Linux 6.1.0",
      node: "v20.20.0",
    },
    parameters: {
      command: "fullhouse loadtest made-night --seed 7",
      target: null,
      scenario: { name: "made-night", wire: { viewerCount: realViewers, edges: 2 } },
    },
    ...changes,
  };
  return { ...report, verdict: loadVerdictOf(report) };
}

/** Each kind of line is red at least once. */
export function missedLoadReport(): LoadReport {
  const base = madeLoadReport();
  const validation = madeValidation();
  validation.rows[1] = madeRow(300, { egressRatio: 1.076, hitDelta: -0.014 });
  return madeLoadReport({
    validation,
    conservation: [madeSum(edgeBytes * 0.996), madeFillSum(edgeFillBytes)],
    checks: base.checks.map((check) =>
      check.name === "playlists in time" ? { ...check, value: 612, ok: false } : check,
    ),
    budgets: base.budgets.map((budget) =>
      budget.name === "edge cores per Gbps" ? { ...budget, value: 1.71, ok: false } : budget,
    ),
  });
}

/** The generator could not keep up. */
export function voidLoadReport(): LoadReport {
  const generator = {
    ...madeGenerator(),
    ...{ busyRatio: 0.97, scheduleLagMsP99: 1_412, droppedIterations: 31 },
  };
  return madeLoadReport({ generator, voidReasons: generatorComplaints(generator) });
}

/** Somebody else's servers: no tiers, no cache outcomes, no model. */
export function foreignLoadReport(): LoadReport {
  const { headline, parameters, checks } = madeLoadReport();
  const wire = madeWire();
  const nothing = { modelledViewers: null, ratio: null } as const;
  return madeLoadReport({
    evidence: "measured",
    headline: { ...headline, ...nothing, modelledGbpsMean: null, modelledGbpsPeak: null },
    wire: {
      ...wire,
      ...{
        edges: 0,
        connectionsPeak: null,
        cache: null,
        tiers: [],
        linkClasses: [],
        sharedEdgeKbps: null,
      },
      quality: {
        ...wire.quality,
        ...{ latencyMsP50: null, latencyMsP95: null, playlistAgeMsP99: null, rungShare: null },
        ...{ digestChecks: 0, digestFailures: 0 },
      },
      timeline: wire.timeline.map((row) => ({
        ...row,
        ...{ fillGbps: null, shieldFillGbps: null, stalledRatio: null },
        cpu: { k6: row.cpu["k6"]! },
      })),
      processes: wire.processes.filter(({ name }) => name === "k6"),
    },
    ...{ modelled: null, validation: null, conservation: [], budgets: [] },
    checks: checks.filter(({ evidence }) => evidence === "measured"),
    parameters: { ...parameters, target: "https://live.example/main/index.m3u8" },
  });
}

function madeWire(): Wire {
  return {
    viewers: realViewers,
    connectionsPeak: realViewers,
    durationSec: measuredSec,
    edges: 2,
    linkClasses: [
      { ratio: 0.25, kbps: 400 },
      { ratio: 0.75, kbps: 2_000 },
    ],
    sharedEdgeKbps: 1_000_000,
    timeline: Array.from({ length: 120 }, (_, i) => madeTimelineRow(i * 2)),
    quality: {
      ...{ startupMsP50: 812, startupMsP95: 1_930, startFailureRatio: 0.0005 },
      ...{ stallRatio: 0.0131, stallsPerHour: 3.9, switchesPerMin: 0.52 },
      ...{ latencyMsP50: 7_420, latencyMsP95: 10_860, kbpsPerViewer: 484 },
      rungShare: { "150": 0.25, "300": 0.15, "450": 0.12, "600": 0.09, "750": 0.39 },
      ...{ requests: 361_204, failedRatio: 0.0001, lateSegmentRatio: 0.011 },
      ...{ playlistMsP99: 42, playlistAgeMsP99: 2_310, digestChecks: 4_412, digestFailures: 0 },
    },
    cache: { hitRatio: 0.9952, joinRatio: 0.0044, missRatio: 0.0003, staleRatio: 0 },
    tiers: [
      madeTier("edge", 2, [edgeBytes, edgeFillBytes], 0.9952),
      madeTier("shield", 1, [edgeFillBytes, 50_625_000], 0.5),
      madeTier("origin", 1, [50_625_000, null], null),
    ],
    processes: [
      madeProcess("edge-1", 0.31, 0.484),
      madeProcess("edge-2", 0.309, 0.484),
      madeProcess("shield", 0.021, 0.0045),
      madeProcess("origin", 0.04, 0.00225),
      madeProcess("k6", 1.83, 0.968),
    ],
  };
}

function madeTier(
  tier: Wire["tiers"][number]["tier"],
  nodes: number,
  [egressBytes, fillBytes]: [number, number | null],
  hitRatio: number | null,
): Wire["tiers"][number] {
  const egressGbps = (egressBytes * 8) / measuredSec / 1e9;
  return { tier, nodes, egressBytes, fillBytes, egressGbps, hitRatio };
}

function madeProcess(name: string, cores: number, gbps: number): Wire["processes"][number] {
  return {
    name,
    cpuSec: cores * measuredSec,
    cores,
    cpuCoresPerGbps: cores / gbps,
    rssBytesMax: name === "k6" ? 624_000_000 : 182_000_000,
  };
}

function madeTimelineRow(tSec: number): Wire["timeline"][number] {
  const arrived = Math.min(1, (tSec + 2) / 40);
  const swing = 1 + 0.012 * Math.sin(tSec / 9);
  const egressGbps = 0.968 * arrived * swing;
  return {
    tSec,
    egressGbps,
    fillGbps: 0.0045,
    shieldFillGbps: 0.00225,
    viewers: Math.round(realViewers * arrived),
    stalledRatio: 0.013 * swing,
    cpu: {
      "edge-1": 0.31 * arrived,
      "edge-2": 0.309 * arrived,
      shield: 0.021,
      origin: 0.04,
      k6: 1.83 * arrived * swing,
    },
  };
}

function madeGenerator(): LoadReport["generator"] {
  return {
    ...{ k6Version: "v2.2.0", cores: 4, busyRatio: 0.52, scheduleLagMsP99: 31 },
    ...{ droppedIterations: 0, vus: realViewers, rssBytes: 624_000_000 },
    ...{ bytesPerViewer: 312_000, machineBusyRatio: 0.34 },
  };
}

function madeRow(
  viewers: number,
  { egressRatio, hitDelta }: { egressRatio: number; hitDelta: number },
): ValidationRow {
  const gbps = viewers * 0.000_484;
  const figures: [string, number, number, "relative" | "absolute", number][] = [
    ["egress Gbps", gbps, gbps * egressRatio, "relative", 0.05],
    ["hit ratio", 0.985, 0.985 + hitDelta, "absolute", 0.01],
    ["fill Gbps", 0.0045, 0.0046, "relative", 0.1],
    ["stall ratio", 0.0131, 0.0119, "absolute", 0.005],
  ];
  return {
    viewers,
    figures: [
      ...figures.map(([name, measured, modelled, kind, bound]) =>
        validationFigure(name, { measured, modelled }, { kind, bound }),
      ),
      validationFigure("mean rung kbps", { measured: 481, modelled: 489.2 }, null),
    ],
  };
}

function madeValidation(): NonNullable<LoadReport["validation"]> {
  const shared = {
    segmentDurationMs: 2_000,
    segmentBytesMeanByRung: { "150": 38_100, "300": 75_800, "750": 188_400 },
    edges: 2,
    linkClasses: madeLinkClasses,
    sharedEdgeKbps: null,
    durationSec: 60,
  };
  return {
    wireParameters: { ...shared, rttMs: 0, arrivals: "250 a second" },
    modelParameters: {
      ...shared,
      ...{ rttMs: 1, arrivals: "250 a second, in batches" },
      others: { protocolRatio: 1.06 },
    },
    rows: [
      madeRow(100, { egressRatio: 1.012, hitDelta: 0.002 }),
      madeRow(300, { egressRatio: 0.991, hitDelta: -0.001 }),
      madeRow(1_000, { egressRatio: 1.021, hitDelta: 0.003 }),
    ],
    seeds: [7, 8, 9],
  };
}

const madeLinkClasses = [{ ratio: 1, kbps: 2_000 }];

function madeSum(viewerBytes: number): LoadReport["conservation"][number] {
  const left = { name: "viewers received", bytes: viewerBytes };
  const right = { name: "edges sent", bytes: edgeBytes };
  return conservationRow("viewer bytes = edge egress", { left, right }, 0.001);
}

function madeFillSum(shieldBytes: number): LoadReport["conservation"][number] {
  const left = { name: "edges fetched", bytes: edgeFillBytes };
  const right = { name: "shield sent", bytes: shieldBytes };
  return conservationRow("edge fill = shield egress", { left, right }, 0.001);
}

function madeChecks(): LoadReport["checks"] {
  return [
    {
      name: "playlists in time",
      what: "Playlists from when they were due to their last byte, 99 in 100",
      ...{ evidence: "measured", value: 42, unit: "ms", bound: "at most 250 ms", ok: true },
      lookAt: "event loop lag of the edges (fullhouse_event_loop_lag_seconds)",
    },
    {
      name: "no broken segment",
      what: "Sampled segments whose digest is not the origin's",
      ...{ evidence: "measured", value: 0, unit: "", bound: "none", ok: true },
    },
    {
      name: "the model kept up",
      what: "How far the model fell behind its clock",
      ...{ evidence: "modelled", value: 0.41, unit: "s", bound: "at most 2 s", ok: true },
    },
  ];
}
