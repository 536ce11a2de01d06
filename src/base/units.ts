/** Conversions between the units that names carry. */

/** 1 kbps is 1,000 bit/s. */
export function kbpsToBitsPerSec(kbps: number): number {
  return kbps * 1000;
}

/** 1 Mbps is 1,000,000 bit/s. */
export function mbpsToBitsPerSec(mbps: number): number {
  return mbps * 1_000_000;
}
