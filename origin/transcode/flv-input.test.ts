import fc from "fast-check";
import { expect, test } from "vitest";
import { writeFlvHeader, writeFlvTag, type FlvTag } from "../../src/rtmp/flv.ts";
import { FlvInput } from "./flv-input.ts";
import { MissingTrack } from "./missing-track.ts";

function tag(kind: FlvTag["kind"], timestampMs: number, ...payload: number[]): FlvTag {
  return { kind, timestampMs, payload: Uint8Array.from(payload) };
}

function flvOf(tags: readonly FlvTag[], present = { audio: true, video: true }): Uint8Array {
  return joined([writeFlvHeader(present), ...tags.map(writeFlvTag)]);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

/** Kind, time and packet type of each tag; what a reader of the stream would meet. */
function shown(flv: Uint8Array): string[] {
  const view = new DataView(flv.buffer, flv.byteOffset, flv.byteLength);
  const tags: string[] = [];
  for (let offset = 13; offset < flv.length;) {
    const byteCount = view.getUint32(offset) & 0xff_ffff;
    const timestampMs = (view.getUint8(offset + 7) << 24) | (view.getUint32(offset + 4) >>> 8);
    const kind = { 8: "audio", 9: "video", 18: "script" }[flv[offset]!]!;
    const first = kind !== "script" && flv[offset + 12] === 0;
    tags.push(`${kind} ${timestampMs}${first ? " header" : ""}`);
    expect(view.getUint32(offset + 11 + byteCount)).toBe(11 + byteCount);
    offset += 15 + byteCount;
  }
  return tags;
}

const picture = [
  tag("script", 0, 2, 0),
  tag("video", 0, 0x17, 0, 0, 0, 0, 1),
  tag("video", 0, 0x17, 1, 0, 0, 0, 1, 2, 3),
  tag("video", 33, 0x27, 1, 0, 0, 0, 1, 2),
  tag("video", 67, 0x27, 1, 0, 0, 0, 1, 2),
];

test("silence is put in up to each picture, its header first", () => {
  const input = new FlvInput(new MissingTrack("audio"));
  const flv = joined(input.push(flvOf(picture, { audio: false, video: true })));
  expect(flv[4]).toBe(5);
  expect(shown(flv)).toEqual([
    "script 0",
    "audio 0 header",
    "audio 0",
    "video 0 header",
    "video 0",
    "audio 21",
    "video 33",
    "audio 43",
    "audio 64",
    "video 67",
  ]);
});

test("plain pictures are put in up to each sound, 30 a second", () => {
  const input = new FlvInput(new MissingTrack("video"));
  const sounds = [0, 23, 46, 69].map((ms) => tag("audio", ms, 0xaf, 1, 0x21));
  expect(shown(joined(input.push(flvOf(sounds))))).toEqual([
    "video 0 header",
    "video 0",
    "audio 0",
    "audio 23",
    "video 33",
    "audio 46",
    "video 67",
    "audio 69",
  ]);
});

test("a source with both tracks passes as it is, and its pictures are counted", () => {
  const input = new FlvInput();
  const flv = flvOf([...picture, tag("audio", 70, 0xaf, 1, 0)]);
  expect(joined(input.push(flv))).toEqual(flv);
  expect(input.pictureCount).toBe(3);
});

test("however the stream is cut into pieces, the result is the same", () => {
  const flv = flvOf(picture, { audio: false, video: true });
  const whole = joined(new FlvInput(new MissingTrack("audio")).push(flv));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: flv.length })), (cuts) => {
      const input = new FlvInput(new MissingTrack("audio"));
      const ends = [...cuts.sort((a, b) => a - b), flv.length];
      const pieces = ends.flatMap((end, index) =>
        input.push(flv.slice(index === 0 ? 0 : ends[index - 1], end)),
      );
      expect(joined(pieces)).toEqual(whole);
      expect(input.pictureCount).toBe(3);
    }),
  );
});

test("timestamps above 2^24 are read with their extension", () => {
  const input = new FlvInput(new MissingTrack("audio"));
  const late = [tag("video", 20_000_000, 0x17, 1, 0, 0, 0, 1)];
  expect(shown(joined(input.push(flvOf(late))))).toEqual([
    "audio 20000000 header",
    "audio 20000000",
    "video 20000000",
  ]);
});
