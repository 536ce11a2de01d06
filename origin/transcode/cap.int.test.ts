import { expect, test } from "vitest";
import { bandwidthBitsPerSec, type LadderRung } from "../../src/govern/effective-ladder.ts";
import { PeakRate, type SegmentSize } from "../../src/hls/peak-rate.ts";
import { audioTimescale, samplesPerAacFrame, targetDurationSec } from "../../src/media/grid.ts";
import { encode, makeFlv, planFor, type Encoded } from "./testing/encode.ts";
import type { TranscodePlan } from "./transcode-plan.ts";

/**
 * The worst for an encoder: no two pixels alike, from the start or after a rest in which its rate
 * buffer fills.
 */
function noise({ restSec, seconds }: { restSec: number; seconds: number }): Promise<Uint8Array> {
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

/** Sizes of all segments of a rung, the short last one too, sound and boxes included. */
function segmentSizes(encoded: Encoded, plan: TranscodePlan, rungIndex: number): SegmentSize[] {
  const { framesPerGop, gopsPerSegment, framesPerPart, frameRate } = plan.grid;
  const framesPerSegment = framesPerGop * gopsPerSegment;
  const aacFramesPerPicture = audioTimescale / samplesPerAacFrame / frameRate;
  const samplesOf = (index: number): Uint8Array[] =>
    encoded.tracks[index]!.fragments.flatMap((fragment) =>
      fragment.samples.map((sample) => sample.data),
    );
  const bytesOf = (samples: Uint8Array[], from: number, until: number): number =>
    samples.slice(Math.floor(from), Math.ceil(until)).reduce((sum, { length }) => sum + length, 0);
  const pictures = samplesOf(rungIndex);
  const sounds = samplesOf(plan.rungs.length);
  return Array.from({ length: Math.ceil(pictures.length / framesPerSegment) }, (_, k) => {
    const from = k * framesPerSegment;
    const until = Math.min(from + framesPerSegment, pictures.length);
    const partCount = Math.ceil((until - from) / framesPerPart);
    return {
      durationUs: Math.round(((until - from) * 1_000_000) / frameRate),
      bytes:
        bytesOf(pictures, from, until) +
        bytesOf(sounds, from * aacFramesPerPicture, until * aacFramesPerPicture) +
        partCount * partOverheadBytes,
    };
  });
}

test.each([
  { capKbps: 300, frameRate: 30, restSec: 0, seconds: 13 },
  { capKbps: 300, frameRate: 30, restSec: 4.2, seconds: 13 },
  { capKbps: 300, frameRate: 25, restSec: 3.8, seconds: 13 },
  { capKbps: 300, frameRate: 24, restSec: 3.9, seconds: 13 },
  { capKbps: 100, frameRate: 30, restSec: 4.2, seconds: 13 },
  { capKbps: 750, frameRate: 30, restSec: 4.2, seconds: 13 },
  // An epoch that ends soon after the rest: the burst has but a short last segment to spread over.
  { capKbps: 300, frameRate: 30, restSec: 8.53, seconds: 10.75 },
  { capKbps: 300, frameRate: 25, restSec: 7.68, seconds: 9.72 },
  { capKbps: 300, frameRate: 24, restSec: 8, seconds: 10.05 },
  { capKbps: 750, frameRate: 30, restSec: 8.53, seconds: 10.57 },
])("no run of segments of noise is above its rung's BANDWIDTH: %o", async (options) => {
  // A picture that claims more pixels than it has keeps the ladder's sizes.
  const source = {
    video: { width: 1280, height: 720, frameRate: options.frameRate },
    audio: { sampleRateHz: 48_000, channelCount: 2 },
  };
  const plan = planFor(source, { capKbps: options.capKbps });
  const encoded = await encode(plan, await noise(options));
  const check = (rung: LadderRung, index: number): void => {
    const meter = new PeakRate({ targetDurationSec });
    for (const size of segmentSizes(encoded, plan, index)) meter.push(size);
    const peak = meter.peakBitsPerSec;
    expect(peak, `peak of rung ${rung.rung}`).toBeLessThanOrEqual(bandwidthBitsPerSec(rung));
    // Noise fills a rung: far below, the test would measure nothing.
    expect(peak, `peak of rung ${rung.rung}`).toBeGreaterThan(0.6 * bandwidthBitsPerSec(rung));
  };
  plan.rungs.forEach(check);
  expect(plan.rungs.at(-1)!.kbps).toBe(options.capKbps);
});
