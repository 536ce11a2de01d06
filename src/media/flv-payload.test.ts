import { expect, test } from "vitest";
import { ascii } from "./box-writer.ts";
import { readAudioPayload, readMetadataNumber, readVideoPayload } from "./flv-payload.ts";

test.each([
  ["an AVC sequence header", [0x17, 0, 0, 0, 0, 1, 2], { kind: "header", record: [1, 2] }],
  ["an AVC keyframe", [0x17, 1, 0, 0, 0, 9], { kind: "frame", keyframe: true }],
  ["another AVC frame", [0x27, 1, 0, 0, 0, 9], { kind: "frame", keyframe: false }],
  ["the end of an AVC sequence", [0x17, 2, 0, 0, 0], { kind: "other" }],
  ["a command to the player", [0x57, 0, 0, 0, 0], { kind: "other" }],
  ["an empty tag", [], { kind: "other" }],
  ["a tag that is cut off", [0x17, 1, 0], { kind: "malformed" }],
  ["Sorenson H.263", [0x12, 0, 0, 0, 0], { kind: "unsupported", codec: "Sorenson H.263" }],
  ["an unknown codec", [0x1f, 0, 0, 0, 0], { kind: "unsupported", codec: "video codec 15" }],
  ["enhanced HEVC", [0x90, ...ascii("hvc1")], { kind: "unsupported", codec: "hvc1" }],
  ["an unprintable one", [0x90, 0, 1, 2, 3], { kind: "unsupported", codec: "an unknown codec" }],
])("video: %s", (_, bytes, expected) => {
  const payload = readVideoPayload(Uint8Array.from(bytes));
  expect(payload.kind === "header" ? { ...payload, record: [...payload.record] } : payload).toEqual(
    expected,
  );
});

test.each([
  ["an AAC sequence header", [0xaf, 0, 0x11, 0x90], { kind: "header", config: [0x11, 0x90] }],
  ["an AAC frame", [0xaf, 1, 9], { kind: "frame" }],
  ["an unknown packet type", [0xaf, 7, 9], { kind: "malformed" }],
  ["a tag that is cut off", [0xaf], { kind: "malformed" }],
  ["MP3", [0x2f, 0, 0], { kind: "unsupported", codec: "MP3" }],
  ["an unknown format", [0xcf, 0, 0], { kind: "unsupported", codec: "audio format 12" }],
  ["enhanced Opus", [0x90, ...ascii("Opus")], { kind: "unsupported", codec: "Opus" }],
])("sound: %s", (_, bytes, expected) => {
  const payload = readAudioPayload(Uint8Array.from(bytes));
  expect(payload.kind === "header" ? { ...payload, config: [...payload.config] } : payload).toEqual(
    expected,
  );
});

const double = (value: number): number[] => [
  ...new Uint8Array(new Float64Array([value]).buffer).toReversed(),
];

test.each([
  ["a number", [0, 9, ...ascii("framerate"), 0, ...double(29.97)], 29.97],
  [
    "a number after others",
    [0, 3, 1, 2, 0, 9, ...ascii("framerate"), 0, ...double(25), 0, 0, 9],
    25,
  ],
  ["a text", [0, 9, ...ascii("framerate"), 2, 0, 2, ...ascii("30"), 0, 0, 0, 0, 0], undefined],
  ["a number that is cut off", [0, 9, ...ascii("framerate"), 0, 64], undefined],
  ["not a number", [0, 9, ...ascii("framerate"), 0, ...double(Number.NaN)], undefined],
  ["nothing", [], undefined],
])("metadata: %s", (_, bytes, expected) => {
  expect(readMetadataNumber(Uint8Array.from(bytes), "framerate")).toBe(expected);
});
