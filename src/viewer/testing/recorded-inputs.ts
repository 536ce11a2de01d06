/** Media and links of our own making, in the formats of Sabre; the same at every call. */
import { randomRatio } from "../../base/prng.ts";

export interface ManifestJson {
  segment_duration_ms: number;
  bitrates_kbps: number[];
  segment_sizes_bits: number[][];
}

export interface PeriodJson {
  duration_ms: number;
  bandwidth_kbps: number;
  latency_ms: number;
}

const random = (owner: number, n: number): number =>
  randomRatio({ seed: 2008, owner, stream: 0, n });

function media(durationMs: number, kbps: number[], count: number, owner: number): ManifestJson {
  const sizes = Array.from({ length: count }, (_, segment) =>
    kbps.map((rate, rung) =>
      Math.round(rate * durationMs * (0.6 + 0.8 * random(owner, segment * kbps.length + rung))),
    ),
  );
  return { segment_duration_ms: durationMs, bitrates_kbps: kbps, segment_sizes_bits: sizes };
}

export const manifests = {
  oprah: media(2_000, [150, 300, 450, 600, 750], 70, 1),
  wide: media(3_000, [230, 477, 991, 2_056, 5_027, 8_000.5], 50, 2),
} as const satisfies Record<string, ManifestJson>;

/** `count` periods of one length. */
function periods(
  count: number,
  durationMs: number,
  of: (n: number) => { kbps: number; latencyMs?: number },
): PeriodJson[] {
  return Array.from({ length: count }, (_, n) => {
    const { kbps, latencyMs = 80 } = of(n);
    return { duration_ms: durationMs, bandwidth_kbps: kbps, latency_ms: latencyMs };
  });
}

export const traces = {
  constant: periods(1, 60_000, () => ({ kbps: 700 })),
  stepDown: periods(4, 31_000, (n) => ({ kbps: n < 2 ? 2_500 : 400 })),
  stepUp: periods(5, 17_000, (n) => ({ kbps: n < 2 ? 260 : 3_100, latencyMs: 20 })),
  noisy: periods(240, 1_000, (n) => ({
    kbps: Math.round(10 * (60 + 1_900 * random(3, n) ** 2)) / 10,
    latencyMs: 100,
  })),
  outages: periods(90, 2_300, (n) => ({
    kbps: random(4, n) < 0.2 ? 0 : Math.round(300 + 1_500 * random(5, n)),
    latencyMs: 60,
  })),
  latency: periods(120, 700, (n) => ({
    kbps: 1_400 + 600 * (n % 3),
    latencyMs: Math.round(900 * random(6, n) ** 3),
  })),
} as const satisfies Record<string, PeriodJson[]>;
