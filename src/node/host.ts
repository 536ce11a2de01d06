/** What machine a run or benchmark had: for the files beside its results, never within a report. */
import { availableParallelism, cpus, totalmem } from "node:os";

export interface HostFacts {
  cpu: string;
  coreCount: number;
  memoryGB: number;
  node: string;
  platform: string;
}

export function hostFacts(): HostFacts {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    coreCount: availableParallelism(),
    memoryGB: Math.round(totalmem() / 1e9),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
}
