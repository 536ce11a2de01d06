/** The ladder of recorded media, in numbers that agree with Sabre's to the last bit. */
import type { RecordedMedia } from "./recorded-media.ts";
import { sabreHighMs, sabreLowMs } from "./rules/dynamicdash.ts";
import type { AbrName } from "./rules/rule-table.ts";
import { createViewerLadder, type ViewerLadder } from "./viewer-ladder.ts";

export function recordedLadder(
  media: RecordedMedia,
  of: { bufferMs: number; gammaP: number; hasBufferRule: boolean },
): ViewerLadder {
  const { kbps, segmentDurationMs } = media;
  const bitsPerSec = kbps.map((rate) => rate * 1000);
  // Not ln(rate / lowest): the sums round differently, and not from 0 plus 1, for the same reason.
  const logs = kbps.map((rate) => Math.log(rate));
  const lowest = logs[0]!;
  return {
    ...createViewerLadder({
      peakBitsPerSec: bitsPerSec,
      averageBitsPerSec: bitsPerSec,
      segmentDurationMs,
      targetDurationMs: segmentDurationMs,
    }),
    peakKbps: [...kbps],
    utility: logs.map((value) => value - lowest),
    utilityFromOne: logs.map((value) => value + (1 - lowest)),
    gammaP: of.gammaP,
    bufferMsTarget: of.bufferMs,
    hasBufferRule: of.hasBufferRule,
  };
}

/** The rules' own numbers where Sabre's are not their defaults. */
export function recordedRuleNumbers(abr: AbrName, rungIndex: number): readonly number[] {
  if (abr === "fixed") return [rungIndex];
  return abr === "dynamicdash" ? [sabreLowMs, sabreHighMs] : [];
}
