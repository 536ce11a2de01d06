/**
 * Figures of a load test in words, the same on the terminal, the page and the job summary: the
 * headline, values with their units, differences and gates.
 */
import { validationViewersMin, type Gate } from "../../src/config/schema-load-report-rules.ts";
import type { LoadReport } from "../../src/config/schema-load-report.ts";
import { counted, decimal, milliseconds, percent, things } from "./number-format.ts";

export type ValidationFigure = NonNullable<
  LoadReport["validation"]
>["rows"][number]["figures"][number];

/** "500,000 modelled viewers / 2,000 real sockets (1 : 250)". */
export function audienceWords({ headline }: LoadReport): string {
  const { modelledViewers, realSockets, ratio } = headline;
  const real = things(realSockets, "real socket");
  if (modelledViewers === null || ratio === null) return `${real}, no model`;
  const scale = Number.isInteger(ratio) ? counted(ratio) : decimal(ratio);
  return `${things(modelledViewers, "modelled viewer")} / ${real} (1 : ${scale})`;
}

/** "241.8 Gbps"; what would begin with two zeros is in Mbps. */
export function gbpsWords(gbps: number): string {
  return gbps > 0 && gbps < 0.01 ? `${decimal(gbps * 1_000)} Mbps` : `${decimal(gbps)} Gbps`;
}

/** 2_310_000 as "2.31 MB"; decimal, as all units here. */
export function bytesWords(bytes: number): string {
  const [unit, name] = [
    [1e9, "GB"],
    [1e6, "MB"],
    [1e3, "kB"],
    [1, "bytes"],
  ].find(([size]) => bytes >= Number(size)) ?? [1, "bytes"];
  return name === "bytes" ? `${counted(bytes)} bytes` : `${decimal(bytes / Number(unit))} ${name}`;
}

/** Of a time that nobody took, "-". */
export function millisecondsOrNone(ms: number | null): string {
  return ms === null ? "-" : milliseconds(ms);
}

/** A value with its unit; a line that saw nothing says so. */
export function valueWords(value: number | null, unit: string): string {
  if (value === null) return "nothing seen";
  switch (unit) {
    case "ms":
      return milliseconds(value);
    case "ratio":
      return percent(value);
    case "bytes":
      return bytesWords(value);
    case "":
      return Number.isInteger(value) ? counted(value) : decimal(value);
    default:
      return `${decimal(value)} ${unit}`;
  }
}

const isShare = (name: string): boolean => name.endsWith("ratio");

/** One side of a validation figure. */
export function sideWords(name: string, value: number): string {
  return isShare(name) ? percent(value) : decimal(value);
}

/** "+1.20 %", or "-0.31 points" where shares are taken from one another. */
export function differenceWords({ name, difference, gate }: ValidationFigure): string {
  if (difference === null) return "no ratio";
  const sign = difference < 0 ? "-" : "+";
  const size = Math.abs(difference);
  if (gate?.kind !== "absolute") return `${sign}${(size * 100).toFixed(2)} %`;
  return isShare(name) ? `${sign}${(size * 100).toFixed(2)} points` : `${sign}${decimal(size)}`;
}

/** "± 5 %", "± 1 point"; empty without a gate. */
export function gateWords(name: string, gate: Gate | null): string {
  if (gate === null) return "";
  const hundredths = Number((gate.bound * 100).toPrecision(6));
  if (gate.kind === "relative") return `± ${hundredths} %`;
  if (!isShare(name)) return `± ${decimal(gate.bound)}`;
  return `± ${hundredths} point${hundredths === 1 ? "" : "s"}`;
}

/** Said of rows that are shown and not judged; empty where there are none. */
export function fewViewersWords({ validation }: LoadReport): string {
  const few = (validation?.rows ?? [])
    .map(({ viewers }) => viewers)
    .filter((viewers) => viewers < validationViewersMin);
  if (few.length === 0) return "";
  return `At ${few.map(counted).join(", ")}: too few viewers to judge (${validationViewersMin} at the least)`;
}

/** One line about the generator. */
export function generatorWords({ generator }: LoadReport): string {
  const { k6Version, cores, busyRatio, scheduleLagMsP99, droppedIterations } = generator;
  return `k6 ${k6Version} busy ${percent(busyRatio)} of ${things(cores, "core")}, lag p99 ${milliseconds(scheduleLagMsP99)}, ${counted(droppedIterations)} dropped, ${bytesWords(generator.bytesPerViewer)} a viewer`;
}
