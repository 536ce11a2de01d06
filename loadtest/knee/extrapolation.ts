/**
 * What a larger audience takes, by proportion from the knee, each figure with its formula. Only what
 * grows with viewers is multiplied: origin and shields serve edges, whoever watches there. Pure.
 */
import type { KneeReport } from "../../src/config/schema-knee-report.ts";
import { generatorBounds } from "../../src/config/schema-load-report-rules.ts";
import { cardFillRatioMax, networkCardsNeeded, wireRatio } from "../../src/base/network-cards.ts";
import { bytesWords, gbpsWords } from "../report/load-words.ts";
import { counted, decimal } from "../report/number-format.ts";
import { edgeCoresMax } from "./what-broke.ts";

type Knee = KneeReport["knee"];
type Extrapolated = KneeReport["extrapolated"];
type Figure = Extrapolated["gbps"];

/** A usual machine of 2026; open files are Linux's default ceiling of a program. */
const machine = { cores: 16, nicGbps: 25, memoryBytes: 64e9, sockets: 1_048_576 } as const;

export function extrapolationTo(viewers: number, knee: Knee): Extrapolated {
  const gbps = (viewers * knee.gbps) / knee.viewers;
  const edgeCores = edgeCoresFor(viewers, knee);
  const generatorCores = generatorCoresFor(viewers, knee);
  const edgeBytes = {
    value: Math.ceil(edgeCores.value * knee.edgeBytesIdle + viewers * knee.edgeBytesPerViewer),
    formula: `${counted(edgeCores.value)} edges × ${bytesWords(knee.edgeBytesIdle)} + ${counted(viewers)} viewers × ${bytesWords(knee.edgeBytesPerViewer)}`,
  };
  const generatorBytes = {
    value: Math.ceil(viewers * knee.generatorBytesPerViewer),
    formula: `${counted(viewers)} viewers × ${bytesWords(knee.generatorBytesPerViewer)}`,
  };
  const sockets = {
    value: Math.ceil(viewers * knee.socketsPerViewer),
    formula: `${counted(viewers)} viewers × ${decimal(knee.socketsPerViewer)}`,
  };
  const cards = (nicGbps: number): Figure => ({
    value: networkCardsNeeded(gbps, nicGbps),
    formula: `${cardFormula(gbps, nicGbps)}, rounded up`,
  });
  const shared = { gbps, sockets: sockets.value };
  return {
    viewers,
    machine,
    gbps: {
      value: gbps,
      formula: `${counted(viewers)} viewers × ${gbpsWords(knee.gbps)} / ${counted(knee.viewers)} viewers`,
    },
    edgeCores,
    generatorCores,
    nicsAt10GbE: cards(10),
    nicsAt25GbE: cards(25),
    nicsAt100GbE: cards(100),
    edgeBytes,
    generatorBytes,
    sockets,
    edgeMachines: machinesFor({ ...shared, cores: edgeCores.value, bytes: edgeBytes.value }),
    generatorMachines: machinesFor({
      ...shared,
      cores: generatorCores.value,
      bytes: generatorBytes.value,
    }),
  };
}

/** By the edges that were full where they were, else by the cores in use, filled to the bound. */
function edgeCoresFor(viewers: number, { perEdgeCore }: Knee): Figure {
  const { asUsed, atLimit } = perEdgeCore;
  if (atLimit !== null) {
    return {
      value: Math.ceil(viewers / atLimit.viewers),
      formula: `${counted(viewers)} viewers / ${counted(atLimit.viewers)} a core at its limit, rounded up`,
    };
  }
  return {
    value: Math.ceil(viewers / (asUsed.viewers * edgeCoresMax)),
    formula: `${counted(viewers)} viewers / (${counted(asUsed.viewers)} a core in use × ${edgeCoresMax}), rounded up`,
  };
}

function generatorCoresFor(viewers: number, knee: Knee): Figure {
  const { busyRatio } = generatorBounds;
  const { generatorCores, viewers: measured } = knee;
  return {
    value: Math.ceil((viewers * generatorCores) / measured / busyRatio),
    formula: `${counted(viewers)} viewers × ${decimal(generatorCores)} cores / ${counted(measured)} viewers / ${busyRatio}, rounded up`,
  };
}

function cardFormula(gbps: number, nicGbps: number): string {
  return `${gbpsWords(gbps)} × ${wireRatio} / (${cardFillRatioMax} × ${nicGbps} Gbps)`;
}

/** As many as the most demanding resource takes, which is named; of equals, the first. */
function machinesFor(needed: {
  cores: number;
  gbps: number;
  bytes: number;
  sockets: number;
}): Extrapolated["edgeMachines"] {
  const { cores, nicGbps, memoryBytes, sockets } = machine;
  const byResource = {
    cores: Math.ceil(needed.cores / cores),
    network: networkCardsNeeded(needed.gbps, nicGbps),
    memory: Math.ceil(needed.bytes / memoryBytes),
    sockets: Math.ceil(needed.sockets / sockets),
  };
  const formulas = {
    cores: `${counted(needed.cores)} cores / ${cores}`,
    network: cardFormula(needed.gbps, nicGbps),
    memory: `${bytesWords(needed.bytes)} / ${bytesWords(memoryBytes)}`,
    sockets: `${counted(needed.sockets)} sockets / ${counted(sockets)}`,
  };
  const decidedBy = (["cores", "network", "memory", "sockets"] as const).reduce((most, each) =>
    byResource[each] > byResource[most] ? each : most,
  );
  const formula = `${formulas[decidedBy]}, rounded up`;
  return { value: byResource[decidedBy], decidedBy, byResource, formula };
}
