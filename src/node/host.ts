/** What machine a run or benchmark had; in reports only where figures were measured on it. */
import { arch, availableParallelism, cpus, platform, release, totalmem } from "node:os";

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

/** The same for reports of what was measured. */
export interface MeasuringHost {
  cores: number;
  memoryBytes: number;
  cpu: string;
  /** Operating system, release and architecture. */
  kernel: string;
  node: string;
}

export function measuringHost(): MeasuringHost {
  const { cpu, coreCount, node } = hostFacts();
  const kernel = `${platform()} ${release()} ${arch()}`;
  return { cores: coreCount, memoryBytes: totalmem(), cpu, kernel, node };
}
