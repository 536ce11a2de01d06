/** The status line of `start`, from two readings of the nodes. Pure. */

/** What the nodes say at one instant; undefined where one does not answer. */
export interface BroadcastReading {
  atMs: number;
  /** State of the first feed. */
  state: string | undefined;
  publisher: "main" | "test card" | "none" | undefined;
  /** Rungs that are offered: "150", "300", "audio". */
  rungs: readonly string[];
  viewers: number | undefined;
  /** Bytes the edges have sent to viewers so far, summed. */
  egressBytes: number;
  /** Media look-ups of edges that cost the parent nothing, and all of them, so far. */
  hitCount: number;
  lookupCount: number;
}

/** One line; rates and ratios are over the time between the readings. */
export function statusLine(now: BroadcastReading, before: BroadcastReading | undefined): string {
  const lookups = now.lookupCount - (before?.lookupCount ?? 0);
  const hits = now.hitCount - (before?.hitCount ?? 0);
  const parts = [
    feedWords(now),
    now.rungs.length === 0 ? "no ladder yet" : ladderWords(now.rungs),
    now.viewers === undefined ? "viewers ?" : counted(now.viewers, "viewer"),
    `${rateWords(egressBitsPerSec(now, before))} out`,
    lookups > 0 ? `hit ratio ${((100 * hits) / lookups).toFixed(1)} %` : "hit ratio -",
  ];
  return parts.join(" | ");
}

/** What a plain log line is printed for at once: all but the counters. */
export function statusKey(reading: BroadcastReading): string {
  return JSON.stringify([reading.state, reading.publisher, reading.rungs]);
}

function feedWords({ state, publisher }: BroadcastReading): string {
  const feed = state ?? "no answer";
  return publisher === undefined || publisher === "none" ? feed : `${feed} (${publisher})`;
}

function ladderWords(rungs: readonly string[]): string {
  const video = rungs.filter((rung) => rung !== "audio").map(Number);
  const sound = rungs.includes("audio") ? " + audio" : "";
  return `${video.sort((a, b) => a - b).join(" ")} kbps${sound}`;
}

function egressBitsPerSec(now: BroadcastReading, before: BroadcastReading | undefined): number {
  // Counters begin again when an edge is restarted.
  if (before === undefined || now.egressBytes < before.egressBytes) return 0;
  const sec = (now.atMs - before.atMs) / 1_000;
  return sec <= 0 ? 0 : ((now.egressBytes - before.egressBytes) * 8) / sec;
}

/** 1,234,567 bit/s as "1.23 Mbps": three digits, never more. */
export function rateWords(bitsPerSec: number): string {
  for (const [unit, size] of [
    ["Gbps", 1e9],
    ["Mbps", 1e6],
  ] as const) {
    if (bitsPerSec >= size) return `${(bitsPerSec / size).toPrecision(3)} ${unit}`;
  }
  return `${Math.round(bitsPerSec / 1_000)} kbps`;
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
