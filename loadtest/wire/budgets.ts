/**
 * What a viewer may cost: the bounds are in loadtest/budgets.json, so that whoever lets a cost grow
 * shows it in a diff. A bound is the most that a figure may be.
 */
import { AppError } from "../../src/base/errors.ts";
import type { LoadReport } from "../../src/config/schema-load-report.ts";
import { readGivenJson } from "../../src/node/given-file.ts";
import type { MeasuredRun } from "./measured-run.ts";

type Budget = LoadReport["budgets"][number];

interface Measured {
  wire: LoadReport["wire"];
  generator: LoadReport["generator"];
  run: MeasuredRun;
  /** Memory of each process before anybody came. */
  idleBytes: ReadonlyMap<string, number>;
}

interface Cost {
  unit: string;
  lookAt: string;
  /** With fewer viewers what programs take by being there is most of it: not judged then. */
  viewersMin?: number;
  /** Undefined where it cannot be known, as of a foreign target. */
  valueOf: (of: Measured) => number | undefined;
}

/** Of what a wrong file holds, repeated. */
const gotCharsMax = 40;

const costs: Readonly<Record<string, Cost>> = {
  "edge CPU a Gbps": {
    unit: "cores",
    lookAt: "npm run bench -- edge, and a CPU profile of an edge",
    viewersMin: 500,
    valueOf: ({ wire }) => {
      const edges = wire.processes.filter(({ name }) => name.startsWith("edge-"));
      const egress = wire.tiers.find(({ tier }) => tier === "edge")?.egressGbps ?? 0;
      return egress > 0 ? edges.reduce((sum, { cores }) => sum + cores, 0) / egress : undefined;
    },
  },
  "generator memory a viewer": {
    unit: "bytes",
    lookAt: "what loadtest/k6/scripts reaches: each VU has it all",
    viewersMin: 500,
    valueOf: ({ generator }) => generator.bytesPerViewer,
  },
  "edge memory a viewer": {
    unit: "bytes",
    lookAt: "what an edge keeps for a connection, and cache.bytesMax",
    viewersMin: 500,
    valueOf: ({ wire, idleBytes }) => {
      const edges = wire.processes.filter(({ name }) => name.startsWith("edge-"));
      if (edges.length === 0) return undefined;
      // What they had before anybody came is no viewer's.
      const grown = edges.map(({ name, rssBytesMax }) => rssBytesMax - (idleBytes.get(name) ?? 0));
      return grown.reduce((sum, bytes) => sum + bytes, 0) / wire.viewers;
    },
  },
  "bytes that are no media": {
    unit: "ratio",
    lookAt: "the size of playlists, and how often viewers ask for them",
    valueOf: ({ run: { figures } }) => {
      const media = figures.count("viewer_bytes", "kind:segment");
      return media > 0 ? figures.count("viewer_bytes") / media - 1 : undefined;
    },
  },
  "stall ratio": {
    unit: "ratio",
    lookAt: "late segments; lines slower than the lowest rung stall whatever an edge does",
    valueOf: ({ wire }) => wire.quality.stallRatio,
  },
};

/** The bounds of a file; throws an AppError (USAGE), one line, for one that is none. */
export function readBudgets(file: string): Map<string, number> {
  const json = readGivenJson(file, `--budgets ${file}`);
  const isObject = typeof json === "object" && json !== null && !Array.isArray(json);
  const entries = isObject ? Object.entries(json as Record<string, unknown>) : [];
  const wrong = entries.find(([name, bound]) => {
    return !Object.hasOwn(costs, name) || typeof bound !== "number" || !(bound > 0);
  });
  if (isObject && wrong === undefined) return new Map(entries as [string, number][]);
  const got = wrong === undefined ? "no object" : JSON.stringify(wrong[0]).slice(0, gotCharsMax);
  throw new AppError(
    "USAGE",
    `--budgets ${file}: must give numbers above 0 for some of: ` +
      `${Object.keys(costs).join(", ")} (got ${got})`,
  );
}

/** In words, which of the bounds so few viewers leave unjudged; empty where none. */
export function unjudgedWords(bounds: ReadonlyMap<string, number>, viewers: number): string[] {
  const names = [...bounds.keys()].filter((name) => viewers < (costs[name]!.viewersMin ?? 0));
  if (names.length === 0) return [];
  return [
    `Budgets not judged, because ${viewers} viewers are too few to say what one costs (500 at the least): ${names.join(", ")}.`,
  ];
}

/** Each bound beside what it came to; those that cannot be known, or judged, are left out. */
export function budgetRows(bounds: ReadonlyMap<string, number>, measured: Measured): Budget[] {
  return [...bounds].flatMap(([name, bound]): Budget[] => {
    const { unit, lookAt, viewersMin = 0, valueOf } = costs[name]!;
    if (measured.wire.viewers < viewersMin) return [];
    const value = valueOf(measured);
    return value === undefined ? [] : [{ name, value, unit, bound, ok: value <= bound, lookAt }];
  });
}
