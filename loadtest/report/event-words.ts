/** Events of a model run in words. The simulator may log kinds that have no sentence here yet. */
import type { ModelReport } from "../../src/config/schema-model-report.ts";
import { clock, counted, things } from "./number-format.ts";

export type ModelEvent = ModelReport["events"][number];

/** One clause, without the instant. */
export function describeEvent(event: ModelEvent): string {
  const { kind, ...facts } = event;
  const count = typeof facts["count"] === "number" ? facts["count"] : 1;
  switch (kind) {
    case "edge-down":
      return `${things(count, "edge")} lost${detectionWords(facts["detection"])}`;
    case "edge-up":
      return `${things(count, "edge")} back`;
    case "shield-down":
      return `${things(count, "shield")} lost${detectionWords(facts["detection"])}`;
    case "shield-up":
      return `${things(count, "shield")} back`;
    case "capacity":
      return `capacity of every edge now ${String(Number(facts["ratio"]) * 100)} % of the start`;
    case "cap":
      return facts["capKbps"] === null
        ? "cap lifted"
        : `cap now ${counted(Number(facts["capKbps"]))} kbps`;
    case "edges-full":
      return `${things(count, "edge")} full`;
    case "edges-relieved":
      return "no edge is full any more";
    default:
      return [kind.replaceAll("-", " "), ...factWords(facts)].join(", ");
  }
}

/** Faults and changes, without the coming and going of full edges, which may be hundreds. */
export function changesOf({ events }: ModelReport): ModelEvent[] {
  return events.filter(({ kind }) => kind !== "edges-full" && kind !== "edges-relieved");
}

/** How often edges ran full, and when first; undefined when they never did. */
export function fullness({ events }: ModelReport): string | undefined {
  const full = events.filter(({ kind }) => kind === "edges-full");
  const first = full[0];
  if (first === undefined) return undefined;
  const times = full.length === 1 ? "once" : `${counted(full.length)} times`;
  return `edges ran full ${times}, first at ${clock(first.tSec)}`;
}

function detectionWords(detection: unknown): string {
  if (detection === "silent") return " (connections hang until they time out)";
  return detection === "reset" ? " (connections break at once)" : "";
}

function factWords(facts: Readonly<Record<string, unknown>>): string[] {
  const own = Object.entries(facts).filter(([name]) => name !== "tSec");
  return own.map(([name, value]) =>
    typeof value === "string" ? `${name} ${value}` : `${name} ${JSON.stringify(value)}`,
  );
}
