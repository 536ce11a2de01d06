/**
 * What a newcomer sends before it takes a feed over: watched until it is certain that the media can
 * be used, because until then the publisher it would replace stays on the air. Encoders send the
 * headers of all tracks before the first frame, so a frame whose header was readable proves both.
 * Keeps the headers only: three tags.
 */
import { readAacConfig } from "../../src/media/aac-config.ts";
import { readAvcConfig } from "../../src/media/avc-config.ts";
import { readAudioPayload, readVideoPayload } from "../../src/media/flv-payload.ts";
import type { FlvTag } from "../../src/rtmp/flv.ts";

export type NewcomerStep =
  | { kind: "watch" }
  /** May take over: the tags so far, this one the last. */
  | { kind: "usable"; tags: FlvTag[] }
  | { kind: "refuse"; reason: string };

/** Real ones have less than 100 bytes, metadata about 500 (arbitrary). */
const headerBytesMax = 65_536;

const watch: NewcomerStep = { kind: "watch" };

export class NewcomerMedia {
  readonly #headers = new Map<FlvTag["kind"], FlvTag>();

  take(tag: FlvTag): NewcomerStep {
    if (tag.kind === "script") {
      this.#headers.set("script", tag);
      return watch;
    }
    const content = contentOf(tag);
    switch (content) {
      case "header":
        this.#headers.set(tag.kind, tag);
        return watch;
      case "frame":
        if (!this.#headers.has(tag.kind)) return watch;
        return { kind: "usable", tags: [...this.#headers.values(), tag] };
      case "nothing":
        return watch;
      default:
        return { kind: "refuse", reason: content.fault };
    }
  }
}

function contentOf({ kind, payload }: FlvTag): "header" | "frame" | "nothing" | { fault: string } {
  const read = kind === "video" ? readVideoPayload(payload) : readAudioPayload(payload);
  if (read.kind === "frame") return "frame";
  if (read.kind === "unsupported") return { fault: `it has ${read.codec}` };
  if (read.kind !== "header") return "nothing";
  const isReadable =
    payload.length <= headerBytesMax &&
    ("record" in read ? readAvcConfig(read.record) : readAacConfig(read.config)) !== undefined;
  if (isReadable) return "header";
  return { fault: `the ${kind === "video" ? "H.264" : "AAC"} sequence header is not readable` };
}
