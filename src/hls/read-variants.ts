/**
 * Reads what a viewer needs of a multivariant playlist: the variants with their rates, lowest
 * first, as hls.js would offer them. Sound alone counts only when there is no picture.
 */

export interface Variant {
  uri: string;
  bandwidthBitsPerSec: number;
  averageBandwidthBitsPerSec: number;
}

const streamTag = "#EXT-X-STREAM-INF:";

/** The variants in rising order of rate; empty when the text is no multivariant playlist. */
export function readVariants(text: string): Variant[] {
  const video: Variant[] = [];
  const audio: Variant[] = [];
  const lines = text.split("\n");
  for (let n = 0; n + 1 < lines.length; n++) {
    const line = lines[n]!;
    const uri = lines[n + 1]!.trim();
    if (!line.startsWith(streamTag) || uri === "" || uri.startsWith("#")) continue;
    const peak = integerOf(line, /[:,]BANDWIDTH=(\d+)/);
    if (peak === undefined) continue;
    const average = integerOf(line, /[:,]AVERAGE-BANDWIDTH=(\d+)/) ?? peak;
    const into = line.includes("RESOLUTION=") ? video : audio;
    into.push({ uri, bandwidthBitsPerSec: peak, averageBandwidthBitsPerSec: average });
  }
  const variants = video.length > 0 ? video : audio;
  return variants.sort((a, b) => a.bandwidthBitsPerSec - b.bandwidthBitsPerSec);
}

function integerOf(line: string, pattern: RegExp): number | undefined {
  const digits = pattern.exec(line)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
