/**
 * Fuzz target: what a publisher sends, as tags of two bytes of kind and length, four of time, one of
 * waiting, and the payload. The normaliser never throws, and its timestamps rise within each track.
 */
import { assert } from "../base/assert.ts";
import { ByteCursor } from "./byte-cursor.ts";
import { TimelineNormalizer, type TimelineDecision } from "./timeline-normalizer.ts";

export const name = "timeline";

export const dictionary = [
  Uint8Array.of(0x17, 0, 0, 0, 0),
  Uint8Array.of(0x17, 1, 0, 0, 0),
  Uint8Array.of(0x27, 1, 0, 0, 0),
  Uint8Array.of(0xaf, 0, 0x11, 0x90),
  Uint8Array.of(0xaf, 1),
  "framerate",
];

const kinds = ["video", "audio", "script", "video"] as const;

export function fuzz(data: Uint8Array): void {
  const normalizer = new TimelineNormalizer();
  const cursor = new ByteCursor(data);
  const lastMs = { video: -1, audio: -1, script: -1 };
  const check = (decisions: readonly TimelineDecision[]): void => {
    for (const decision of decisions) {
      if (decision.kind === "start") Object.assign(lastMs, { video: -1, audio: -1 });
      if (decision.kind !== "tag" || decision.tag.payload[1] === 0) continue;
      const { kind, timestampMs } = decision.tag;
      assert(timestampMs > lastMs[kind], "a timestamp does not rise");
      lastMs[kind] = timestampMs;
    }
  };
  let nowMs = 0;
  while (cursor.remaining > 0) {
    const kind = kinds[cursor.u8() & 3]!;
    const payloadBytes = cursor.u8();
    const timestampMs = cursor.i32();
    nowMs += cursor.u8() * 4;
    const payload = cursor.view(Math.min(payloadBytes, cursor.remaining));
    check(normalizer.push({ kind, timestampMs, payload }, nowMs));
    check(normalizer.tick(nowMs));
  }
}
