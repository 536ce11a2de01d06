/**
 * Asks the edge for `status.json` and says what came of it. One question at a time; when to ask is
 * the state machine's decision.
 */
import { readFeedStatus } from "../../../../src/hls/read-status.ts";
import type { FeedEvent } from "./player-state.ts";

/** The edge holds `?v=` for at most 8 s; the rest is the way there and back. */
const timeoutMs = 12_000;

export interface ProbeAnswer {
  event: FeedEvent;
  /** For the clock offset; null when the answer was held or failed. */
  clockSample: { sentUnixMs: number; receivedUnixMs: number; serverUnixMs: number } | null;
}

export async function probeStatus(
  url: string,
  { knownVersion }: { knownVersion: number | null },
): Promise<ProbeAnswer> {
  const sentUnixMs = Date.now();
  try {
    const response = await fetch(knownVersion === null ? url : `${url}?v=${knownVersion}`, {
      cache: "no-store",
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) return failed(response.status);
    const status = readFeedStatus(await response.json());
    const receivedUnixMs = Date.now();
    if (status === undefined) return failed(0);
    const clockSample =
      knownVersion === null ? { sentUnixMs, receivedUnixMs, serverUnixMs: status.nowUnixMs } : null;
    return { event: { kind: "status", status }, clockSample };
  } catch {
    // No network, no answer in time, or no JSON: the machine shows it and asks again.
    return failed(0);
  }
}

function failed(httpStatus: number): ProbeAnswer {
  const failure =
    httpStatus === 404
      ? "notFound"
      : httpStatus === 503 || httpStatus === 429
        ? "full"
        : "unreachable";
  return { event: { kind: "statusFailed", failure }, clockSample: null };
}
