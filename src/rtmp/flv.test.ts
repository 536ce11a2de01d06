import { describe, expect, test } from "vitest";
import {
  isAacSequenceHeader,
  isAvcKeyframe,
  isAvcSequenceHeader,
  isEmptyVideo,
  unsupportedCodec,
  writeFlvHeader,
  writeFlvTag,
  type FlvTag,
} from "./flv.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe("tags", () => {
  function check(tag: FlvTag, expected: number[]): void {
    expect([...writeFlvTag(tag)]).toEqual(expected);
  }
  const payload = bytes(0xaf, 1);
  const end = [0, 0, 0, 0xaf, 1, 0, 0, 0, 13];

  test("carry type, length, timestamp and their own size", () => {
    check({ kind: "audio", timestampMs: 0x010203, payload }, [8, 0, 0, 2, 1, 2, 3, 0, ...end]);
    check({ kind: "video", timestampMs: 0, payload }, [9, 0, 0, 2, 0, 0, 0, 0, ...end]);
    check({ kind: "script", timestampMs: 0, payload }, [18, 0, 0, 2, 0, 0, 0, 0, ...end]);
  });

  test("put the timestamp's high byte last, and wrap at 32 bits", () => {
    check({ kind: "audio", timestampMs: 0x81020304, payload }, [
      ...[8, 0, 0, 2, 2, 3, 4, 0x81],
      ...end,
    ]);
    check({ kind: "audio", timestampMs: 0x1_0000_0005, payload }, [
      ...[8, 0, 0, 2, 0, 0, 5, 0],
      ...end,
    ]);
    check({ kind: "audio", timestampMs: -1, payload }, [
      ...[8, 0, 0, 2, 0xff, 0xff, 0xff, 0xff],
      ...end,
    ]);
  });

  test("follow a header that says which kinds there are", () => {
    const header = [...writeFlvHeader({ audio: true, video: true })];
    expect(header).toEqual([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0]);
    expect(writeFlvHeader({ audio: true, video: false })[4]).toBe(4);
    expect(writeFlvHeader({ audio: false, video: true })[4]).toBe(1);
  });
});

test.each<["audio" | "video", number[], string | undefined]>([
  ["video", [0x17, 1, 0, 0, 0], undefined],
  ["video", [0x27, 1, 0, 0, 0], undefined],
  ["video", [0x1c], "HEVC"],
  ["video", [0x1d], "AV1"],
  ["video", [0x12], "Sorenson H.263"],
  ["video", [0x1f], "video codec 15"],
  ["video", [0x90, 0x68, 0x76, 0x63, 0x31], 'enhanced FLV video "hvc1"'],
  ["video", [0x90, 0x61, 0x76, 0x30, 0x31], 'enhanced FLV video "av01"'],
  ["video", [0x97, 0x61, 0x76, 0x63, 0x31], 'enhanced FLV video "avc1"'],
  ["video", [0x90, 0x0a, 0x22], 'enhanced FLV video "??"'],
  ["audio", [0xaf, 1], undefined],
  ["audio", [0x2f, 1], "MP3"],
  ["audio", [0xef, 1], "MP3"],
  ["audio", [0x90], "enhanced audio"],
  ["audio", [0xbf], "Speex"],
  ["audio", [0xcf], "audio format 12"],
])("%s that begins with %j is supported, or named", (kind, payload, expected) => {
  expect(unsupportedCodec(kind, bytes(...payload))).toBe(expected);
});

test("looks into AVC and AAC payloads", () => {
  const header = bytes(0x17, 0, 0, 0, 0, 1);
  const keyframe = bytes(0x17, 1, 0, 0, 0, 9);
  const interframe = bytes(0x27, 1, 0, 0, 0, 9);
  const end = bytes(0x17, 2, 0, 0, 0);
  const enhanced = bytes(0x97, 0, 0, 0, 0, 1);
  const videos = [header, keyframe, interframe, end, enhanced, bytes()];
  expect(videos.map(isAvcSequenceHeader)).toEqual([true, false, false, false, false, false]);
  expect(videos.map(isAvcKeyframe)).toEqual([false, true, false, false, false, false]);
  const sounds = [bytes(0xaf, 0, 0x11), bytes(0xaf, 1, 0), bytes(0x2f, 0, 0), bytes()];
  expect(sounds.map(isAacSequenceHeader)).toEqual([true, false, false, false]);
  expect([bytes(), bytes(0x57, 0), keyframe, bytes(0xd0)].map(isEmptyVideo)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
