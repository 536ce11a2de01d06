import { expect, test } from "vitest";
import { avcRecord } from "../../src/media/testing/fmp4-builder.ts";
import type { FlvTag } from "../../src/rtmp/flv.ts";
import { NewcomerMedia } from "./newcomer-media.ts";

const tags = {
  metadata: ["script", [2, 0, 0]],
  avcHeader: ["video", [0x17, 0, 0, 0, 0, ...avcRecord]],
  brokenAvcHeader: ["video", [0x17, 0, 0, 0, 0, 1, 2]],
  hugeAvcHeader: ["video", [0x17, 0, 0, 0, 0, ...avcRecord, ...new Uint8Array(65_536)]],
  keyframe: ["video", [0x17, 1, 0, 0, 0, 9]],
  avcEnd: ["video", [0x17, 2, 0, 0, 0]],
  hevc: ["video", [0x1c, 0, 0, 0, 0]],
  aacHeader: ["audio", [0xaf, 0, 0x11, 0x90]],
  brokenAacHeader: ["audio", [0xaf, 0, 0]],
  aacFrame: ["audio", [0xaf, 1, 9]],
} as const satisfies Record<string, readonly [FlvTag["kind"], readonly number[]]>;
type Name = keyof typeof tags;

/** Which tags a newcomer comes to the feed with, or why it does not; undefined: not yet. */
function check(sent: readonly Name[], expected: readonly Name[] | string | undefined): void {
  const media = new NewcomerMedia();
  const names = new Map<FlvTag, Name>();
  let outcome: readonly Name[] | string | undefined;
  for (const name of sent) {
    expect(outcome).toBeUndefined();
    const [kind, bytes] = tags[name];
    const tag: FlvTag = { kind, timestampMs: 0, payload: Uint8Array.from(bytes) };
    names.set(tag, name);
    const step = media.take(tag);
    if (step.kind === "usable") outcome = step.tags.map((kept) => names.get(kept)!);
    if (step.kind === "refuse") outcome = step.reason;
  }
  expect(outcome).toEqual(expected);
}

const avcUnreadable = "the H.264 sequence header is not readable";

test.each<[string, Name[], Name[] | string | undefined]>([
  ["headers alone prove nothing", ["metadata", "avcHeader", "aacHeader", "avcEnd"], undefined],
  ["nor do frames without a header", ["aacHeader", "keyframe", "keyframe"], undefined],
  [
    "a picture after its header does",
    ["metadata", "aacHeader", "avcHeader", "keyframe"],
    ["metadata", "aacHeader", "avcHeader", "keyframe"],
  ],
  ["so does sound", ["aacHeader", "aacFrame"], ["aacHeader", "aacFrame"]],
  [
    "repeated headers count once",
    ["avcHeader", "aacHeader", "avcHeader", "keyframe"],
    ["avcHeader", "aacHeader", "keyframe"],
  ],
  ["another codec behind a good header is seen", ["aacHeader", "hevc"], "it has HEVC"],
  ["a broken header is seen", ["aacHeader", "brokenAvcHeader"], avcUnreadable],
  ["so is a huge one", ["hugeAvcHeader"], avcUnreadable],
  ["and of sound", ["brokenAacHeader"], "the AAC sequence header is not readable"],
])("%s (%j)", (_, sent, expected) => check(sent, expected));
