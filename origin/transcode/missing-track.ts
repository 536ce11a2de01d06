/**
 * Stands in for the track a source lacks: silence as AAC, or a plain dark picture as AVC, in FLV
 * tags as a publisher would send them. An endless lavfi source beside the publisher would not do:
 * when the publisher ends it would go on, as fast as the processor allows.
 */
import { audioTimescale, samplesPerAacFrame } from "../../src/media/grid.ts";
import { writeFlvTag } from "../../src/rtmp/flv.ts";

/** What the picture is when there is none; the ladder's sizes are not bounded by it. */
export const emptyPictureFrameRate = 30;

interface Filling {
  kind: "audio" | "video";
  sequenceHeader: Uint8Array;
  /** Sent in turn, for ever. */
  frames: readonly Uint8Array[];
  frameMs: number;
}

/** AAC-LC, 48 kHz, stereo: `ffmpeg -f lavfi -i anullsrc=r=48000:cl=stereo -c:a aac -f flv`. */
const silence: Filling = {
  kind: "audio",
  sequenceHeader: hexBytes("af001190"),
  frames: [hexBytes("af01211004608c1c")],
  frameMs: (samplesPerAacFrame * 1000) / audioTimescale,
};

/**
 * Colour 0x10141c, 160x90, Baseline, nothing but IDR frames, of which neighbours need different
 * idr_pic_id: `ffmpeg -f lavfi -i color=c=0x10141c:s=160x90 -c:v libx264 -profile:v baseline -g 1
 * -crf 30 -bsf:v filter_units=remove_types=6 -f flv`.
 */
const emptyPicture: Filling = {
  kind: "video",
  sequenceHeader: hexBytes(
    "17000000000142c00bffe100176742c00bdc28df93011000000300100000" + "0303c0f142b801000568ce044b20",
  ),
  frames: [
    hexBytes(
      "17010000000000003f65888404bc4628000a4fc7000351c0064e4e4e4e4e4e4e4e4ebaebaebaebaebaebaeb" +
        "aebaebaebaebaebaebaebaebaebaebaebaebaebaebaebaebaebaebaf0",
    ),
    hexBytes(
      "17010000000000003f658882012f118a000293f1c000d47001939393939393939393aebaebaebaebaebaebae" +
        "baebaebaebaebaebaebaebaebaebaebaebaebaebaebaebaebaebaebc",
    ),
  ],
  frameMs: 1000 / emptyPictureFrameRate,
};

/** Makes the tags of a missing track, in step with the track that is there. */
export class MissingTrack {
  readonly #filling: Filling;
  #frameCount = 0;
  #startMs: number | undefined;

  constructor(kind: "audio" | "video") {
    this.#filling = kind === "audio" ? silence : emptyPicture;
  }

  /** FLV tags for the time up to the given instant; the sequence header comes before the first. */
  tagsUntil(timestampMs: number): Uint8Array[] {
    const tags: Uint8Array[] = [];
    const { kind, frames, frameMs } = this.#filling;
    if (this.#startMs === undefined) {
      this.#startMs = timestampMs;
      tags.push(writeFlvTag({ kind, timestampMs, payload: this.#filling.sequenceHeader }));
    }
    for (;;) {
      const frameAtMs = Math.round(this.#startMs + this.#frameCount * frameMs);
      if (frameAtMs > timestampMs) return tags;
      const payload = frames[this.#frameCount % frames.length]!;
      tags.push(writeFlvTag({ kind, timestampMs: frameAtMs, payload }));
      this.#frameCount += 1;
    }
  }
}

function hexBytes(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
    Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16),
  );
}
