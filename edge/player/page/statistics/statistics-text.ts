/** The statistics as the lines of a list. Pure. */
import { bytesText } from "../sharing/sharing-text.ts";
import type { PlayerStatistics } from "./player-statistics.ts";

export interface StatisticsLine {
  label: string;
  value: string;
}

const nothing = "–";

export function statisticsLines(statistics: PlayerStatistics): StatisticsLine[] {
  return [
    { label: "Picture", value: pictureText(statistics) },
    { label: "Frames", value: framesText(statistics) },
    { label: "Stalls", value: stallsText(statistics) },
    { label: "Latency target", value: targetText(statistics) },
    { label: "Off the target", value: offTargetText(statistics) },
    { label: "First picture", value: seconds(statistics.firstFrameMs, 1_000, 2) },
    ...trafficLines(statistics),
    { label: "Edge", value: edgeText(statistics) },
    { label: "Feed", value: `${statistics.feed}, ${statistics.face}` },
    { label: "Versions", value: versionsText(statistics) },
  ];
}

export function throughputText(bitsPerSec: number | null): string {
  if (bitsPerSec === null) return nothing;
  if (bitsPerSec < 999_500) return `${Math.round(bitsPerSec / 1e3)} kbps`;
  return `${(bitsPerSec / 1e6).toFixed(bitsPerSec < 9.95e6 ? 1 : 0)} Mbps`;
}

export function secondsText(sec: number | null): string {
  return seconds(sec, 1, 1);
}

function seconds(value: number | null, perSec: number, digits: number): string {
  return value === null ? nothing : `${(value / perSec).toFixed(digits)} s`;
}

function pictureText({ rung, widthPx, heightPx }: PlayerStatistics): string {
  if (rung === null) return nothing;
  if (rung === "audio") return "sound only";
  const size = heightPx === 0 ? "" : `, ${widthPx} × ${heightPx}`;
  return `${rung} kbps${size}`;
}

function framesText({ frameCount, droppedFrameCount }: PlayerStatistics): string {
  return `${frameCount.toLocaleString("en")}, ${droppedFrameCount.toLocaleString("en")} dropped`;
}

function stallsText({ stallCount, playback }: PlayerStatistics): string {
  const increases = playback?.targetIncreaseCount ?? 0;
  if (increases === 0) return String(stallCount);
  return `${stallCount}, target raised ${increases === 1 ? "once" : `${increases} times`}`;
}

function targetText({ playback }: PlayerStatistics): string {
  return secondsText(playback?.targetLatencySec ?? null);
}

function offTargetText({ behindSec, playbackRate, playback }: PlayerStatistics): string {
  if (behindSec === null) return nothing;
  const sign = behindSec < 0 ? "−" : "+";
  const drift = playback?.driftRatio ?? null;
  const parts = [`${sign}${Math.abs(behindSec).toFixed(1)} s`];
  if (playbackRate !== 1) parts.push(`playing ${playbackRate.toFixed(2)}×`);
  if (drift !== null) parts.push(`drift ${drift.toFixed(3)}`);
  return parts.join(", ");
}

function trafficLines({ playback, sharing }: PlayerStatistics): StatisticsLine[] {
  if (sharing === null) {
    const bytes = playback?.mediaBytes ?? null;
    return [{ label: "Received", value: bytes === null ? nothing : bytesText(bytes) }];
  }
  const { stats, obstacle } = sharing;
  const cell = stats.cellSize > 0 ? ` in a cell of ${stats.cellSize}` : "";
  const refused = `${stats.refusedCount} refused, ${stats.lateCount} late`;
  return [
    { label: "From the edge", value: bytesText(stats.httpBytes) },
    { label: "From viewers", value: `${bytesText(stats.peerBytes)}, ${refused}` },
    { label: "Given", value: bytesText(stats.uploadedBytes) },
    {
      label: "Peers",
      value:
        `${stats.peerCount}${cell}, ${obstacle === "none" ? stats.state : obstacle}` +
        (stats.bannedCount > 0 ? `, ${stats.bannedCount} shut out` : ""),
    },
  ];
}

function edgeText({ edgeHost, playback }: PlayerStatistics): string {
  const cache = playback?.cacheOutcome ?? null;
  return cache === null ? edgeHost : `${edgeHost}, ${cache}`;
}

function versionsText({ pageBuild, playback }: PlayerStatistics): string {
  return playback === null ? `page ${pageBuild}` : `page ${pageBuild}, ${playback.engine}`;
}
