/** Bytes that two parties counted, each for itself: they have to agree. Pure. */
import {
  conservationRow,
  type ConservationRow,
} from "../../src/config/schema-load-report-rules.ts";
import type { MeasuredRun } from "./measured-run.ts";
import { tierBetween } from "./node-sums.ts";

const differenceMax = 0.001;

/** Over the whole run, which begins and ends with nobody there; empty where nodes are not ours. */
export function conservationRows({ figures, nodes, samples }: MeasuredRun): ConservationRow[] {
  if (nodes.length === 0) return [];
  const span = { before: samples[0]!, after: samples.at(-1)! };
  const edge = tierBetween(nodes, "edge", span);
  const shield = tierBetween(nodes, "shield", span);
  return [
    conservationRow(
      "what viewers got is what edges sent",
      {
        left: { name: "viewers", bytes: Math.round(figures.count("viewer_bytes")) },
        right: { name: "edges, sent", bytes: edge.egressBytes },
      },
      differenceMax,
    ),
    conservationRow(
      "what edges fetched is what the shield sent",
      {
        left: { name: "edges, fetched", bytes: edge.fillBytes },
        right: { name: "shield, sent", bytes: shield.egressBytes },
      },
      differenceMax,
    ),
  ];
}
