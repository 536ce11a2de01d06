/**
 * From media and data messages to FLV tags: unrolls the 32-bit timestamps, turns metadata into the
 * form that stands in files, and says which messages cannot be taken.
 */
import { decodeAmf0, encodeAmf0 } from "./amf0.ts";
import { isEmptyVideo, unsupportedCodec, type FlvTag } from "./flv.ts";
import { messageTypes, type RtmpMessage } from "./message.ts";

export type MediaOutcome =
  | { kind: "tag"; tag: FlvTag }
  /** Nothing in it for us. */
  | { kind: "dropped" }
  | { kind: "unsupported"; codec: string };

const dropped: MediaOutcome = { kind: "dropped" };

/** Longer metadata is not looked at (arbitrary; OBS sends about 500 bytes). */
const scriptBytesMax = 65_536;

export class MediaTags {
  #lastMs = 0;
  #unrolledMs: number | undefined;

  /** Takes a message of type audio, video or data; the tag owns the payload. */
  read(message: RtmpMessage): MediaOutcome {
    const { typeId, payload } = message;
    if (typeId !== messageTypes.audio && typeId !== messageTypes.video) {
      return this.#script(message);
    }
    const kind = typeId === messageTypes.audio ? "audio" : "video";
    if (payload.length === 0 || (kind === "video" && isEmptyVideo(payload))) return dropped;
    const codec = unsupportedCodec(kind, payload);
    if (codec !== undefined) return { kind: "unsupported", codec };
    const timestampMs = this.#unroll(message.timestampMs);
    return { kind: "tag", tag: { kind, timestampMs, payload } };
  }

  #script({ typeId, timestampMs, payload }: RtmpMessage): MediaOutcome {
    if (payload.length > scriptBytesMax) return dropped;
    const amf0 = typeId === messageTypes.dataAmf3 ? payload.subarray(1) : payload;
    const decoded = decodeAmf0(amf0);
    if (!decoded.ok) return dropped;
    const values = decoded.values[0] === "@setDataFrame" ? decoded.values.slice(1) : decoded.values;
    if (values[0] !== "onMetaData") return dropped;
    const tag: FlvTag = {
      kind: "script",
      timestampMs: this.#unroll(timestampMs),
      payload: encodeAmf0(values),
    };
    return { kind: "tag", tag };
  }

  /** Follows jumps of up to 2^31 ms either way, so that the wrap after 49.7 days is one of 1 ms. */
  #unroll(timestampMs: number): number {
    const jumpMs = (timestampMs - this.#lastMs) | 0;
    this.#lastMs = timestampMs;
    this.#unrolledMs = this.#unrolledMs === undefined ? timestampMs : this.#unrolledMs + jumpMs;
    return this.#unrolledMs;
  }
}
