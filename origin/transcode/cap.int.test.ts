import { expect, test } from "vitest";
import { bandwidthBitsPerSec, type LadderRung } from "../../src/govern/effective-ladder.ts";
import { audioTimescale, samplesPerAacFrame, segmentDurationSec } from "../../src/media/grid.ts";
import { encode, makeFlv, planFor, type Encoded } from "./testing/encode.ts";
import type { TranscodePlan } from "./transcode-plan.ts";

const seconds = 13;

/**
 * The worst for an encoder: no two pixels alike, from the start or after a rest of nearly a segment
 * in which its rate buffer fills.
 */
function noise({ restSec }: { restSec: number }): Promise<Uint8Array> {
  const grain = "geq=lum='random(1)*255':cb='random(2)*255':cr='random(3)*255'";
  const picture = `color=gray:s=320x180:r=30:d=${seconds},${grain}:enable='gte(t,${restSec})'`;
  return makeFlv(
    ...["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", `anoisesrc=d=${seconds}:r=48000`],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-pix_fmt", "yuv420p"],
    ...["-c:a", "aac", "-b:a", "128k"],
  );
}

/** Boxes around a part of video and sound, above what the packager writes (343 bytes). */
const partOverheadBytes = 400;

/**
 * Rates of all segments of a rung, sound and boxes included. A segment of 4 s is by itself the only
 * run of 0.5 to 1.5 target durations, over which RFC 8216bis defines the peak.
 */
function segmentRates(encoded: Encoded, plan: TranscodePlan, rungIndex: number): number[] {
  const { framesPerGop, gopsPerSegment, framesPerPart } = plan.grid;
  const framesPerSegment = framesPerGop * gopsPerSegment;
  const segmentSec = segmentDurationSec(plan.grid);
  const aacFramesPerSegment = (segmentSec * audioTimescale) / samplesPerAacFrame;
  const bytesOf = (index: number, from: number, until: number): number =>
    encoded.tracks[index]!.fragments.flatMap((fragment) => fragment.samples)
      .slice(Math.floor(from), Math.ceil(until))
      .reduce((sum, sample) => sum + sample.data.length, 0);
  const frameCount = encoded.tracks[rungIndex]!.fragments.reduce(
    (sum, fragment) => sum + fragment.samples.length,
    0,
  );
  return Array.from({ length: Math.floor(frameCount / framesPerSegment) }, (_, k) => {
    const video = bytesOf(rungIndex, k * framesPerSegment, (k + 1) * framesPerSegment);
    const sound = bytesOf(
      plan.rungs.length,
      k * aacFramesPerSegment,
      (k + 1) * aacFramesPerSegment,
    );
    const boxes = (framesPerSegment / framesPerPart) * partOverheadBytes;
    return ((video + sound + boxes) * 8) / segmentSec;
  });
}

test.each([
  { capKbps: 300, frameRate: 30, restSec: 0 },
  { capKbps: 300, frameRate: 30, restSec: 4.2 },
  { capKbps: 300, frameRate: 25, restSec: 3.8 },
  { capKbps: 300, frameRate: 24, restSec: 3.9 },
  { capKbps: 100, frameRate: 30, restSec: 4.2 },
  { capKbps: 750, frameRate: 30, restSec: 4.2 },
])("no segment of noise is above its rung's BANDWIDTH: %o", async (options) => {
  // A picture that claims more pixels than it has keeps the ladder's sizes.
  const source = {
    video: { width: 1280, height: 720, frameRate: options.frameRate },
    audio: { sampleRateHz: 48_000, channelCount: 2 },
  };
  const plan = planFor(source, { capKbps: options.capKbps });
  const encoded = await encode(plan, await noise(options));
  const check = (rung: LadderRung, index: number): void => {
    const rates = segmentRates(encoded, plan, index);
    expect(rates.length).toBeGreaterThanOrEqual(3);
    const peak = Math.max(...rates);
    expect(peak, `peak of rung ${rung.rung}`).toBeLessThanOrEqual(bandwidthBitsPerSec(rung));
    // Noise fills a rung: far below, the test would measure nothing.
    expect(peak, `peak of rung ${rung.rung}`).toBeGreaterThan(0.6 * bandwidthBitsPerSec(rung));
  };
  plan.rungs.forEach(check);
  expect(plan.rungs.at(-1)!.kbps).toBe(options.capKbps);
});
