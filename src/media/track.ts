/**
 * What one track of an fMP4 byte stream consists of, as read from the encoder: its description and
 * its fragments of samples. The encoder's fragment boundaries mean nothing; samples do.
 */

/** A track as its `moov` describes it. */
export interface TrackInit {
  kind: "video" | "audio";
  /** Ticks a second of the fragments' times. */
  timescale: number;
  /** RFC 6381: `avc1.XXXXXX` from the avcC, `mp4a.40.N` from the esds. */
  codec: string;
  /** The whole sample entry box (`avc1` or `mp4a`), copied into the init segments we write. */
  sampleEntry: Uint8Array;
  /** Video only: the picture's size in pixels. */
  width?: number;
  height?: number;
  /** Audio only. */
  sampleRateHz?: number;
  channelCount?: number;
}

/** One access unit or AAC frame. */
export interface Sample {
  durationTicks: number;
  /** Presentation minus decode time; negative with B-frames in CMAF. */
  compositionOffsetTicks: number;
  /** True for an IDR; every AAC frame is one. */
  sync: boolean;
  /** A view, never a copy: valid as long as it is referenced. */
  data: Uint8Array;
}

/** Consecutive samples of one track. */
export interface Fragment {
  /** Decode time of the first sample, in the track's timescale. */
  decodeTicks: number;
  /** Of the track; copied here so that a fragment stands for itself. */
  timescale: number;
  samples: Sample[];
}
