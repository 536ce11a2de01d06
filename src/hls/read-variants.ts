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
    const peak = integerOf(line, "BANDWIDTH=");
    if (peak === undefined) continue;
    const average = integerOf(line, "AVERAGE-BANDWIDTH=") ?? peak;
    const into = line.includes("RESOLUTION=") ? video : audio;
    into.push({ uri, bandwidthBitsPerSec: peak, averageBandwidthBitsPerSec: average });
  }
  const variants = video.length > 0 ? video : audio;
  return variants.sort((a, b) => a.bandwidthBitsPerSec - b.bandwidthBitsPerSec);
}

/** No regular expression: the first one costs each viewer in k6 17 kB. */
function integerOf(line: string, name: string): number | undefined {
  let at = line.indexOf(name);
  while (at > 0 && line[at - 1] !== ":" && line[at - 1] !== ",") at = line.indexOf(name, at + 1);
  const value = at < 1 ? Number.NaN : parseInt(line.slice(at + name.length), 10);
  return value >= 0 ? value : undefined;
}
