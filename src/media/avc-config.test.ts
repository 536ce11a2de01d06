import fc from "fast-check";
import { expect, test } from "vitest";
import { readAvcConfig } from "./avc-config.ts";
import { bytesOfHex } from "./testing/fmp4-builder.ts";

/** Records that libx264 of ffmpeg 5.1 wrote for sources of this size and rate. */
test.each([
  [
    "1920x1080 High, cropped from 1088 lines",
    "01640028ffe1001967640028acd940780227e5c04400000fa40003a9803c60c65801000668ebe3cb22c0fdf8f800",
    { width: 1_920, height: 1_080, frameRate: 30_000 / 1_001 },
  ],
  [
    "1080x1920 Main",
    "014d402affe1001a674d402aeca02201e3cbe022000003000200000300f01e30632c01000568ebe3cb20",
    { width: 1_080, height: 1_920, frameRate: 60 },
  ],
  [
    "320x180 Baseline",
    "0142c00cffe100196742c00cd901419f9f011000000300100000030320f142a48001000568cb83cb20",
    { width: 320, height: 180, frameRate: 25 },
  ],
  [
    "854x480, interlaced",
    "0164001effe1001a6764001eacd940d87bcde022000003000200000300603e28532c01000668fba3cb22c0fdf8f800",
    { width: 854, height: 480, frameRate: 24 },
  ],
  [
    "1366x766, 4:4:4",
    "01f40020ffe1001b67f40020919b280ac0c3c5de0220000003002000000781e30632c001000668ebe3c44844fff8f800",
    { width: 1_366, height: 766, frameRate: 30 },
  ],
  [
    "1280x720, 4:2:2 of 10 bits",
    "017a0020ffe1001a677a0020b6cd9405005bb011000003000100000300640f18319601000668ebe3cb22c0fefafa00",
    { width: 1_280, height: 720, frameRate: 50 },
  ],
  [
    "640x360, grey",
    "0164001effe1001b6764001ef3650280bfe27016c8000003000800000301e078b16cb001000668ebe3cb22c0fcf8f800",
    { width: 640, height: 360, frameRate: 30 },
  ],
  [
    "720x576 with a sample aspect ratio and scaling matrices",
    "0164001effe1001d6764001eacd940b4126ffc010000b440000003004000000c83c58b658001000768ebe3cb3002c0fdf8f800",
    { width: 720, height: 576, frameRate: 25 },
  ],
])("%s is read", (_, hex, expected) => {
  expect(readAvcConfig(bytesOfHex(hex))).toEqual(expected);
});

test("scaling lists and picture order cycles are passed over", () => {
  // High profile with one scaling list of 16 deltas, order type 1 with a cycle of 2: 320x240.
  const bits = [
    ...["01100100", "00000000", "00011110", "1", "010", "1", "1", "0", "1"],
    ...["1", ...Array<string>(16).fill("1"), "0000000"],
    ...["1", "010", "0", "1", "1", "011", "1", "1"],
    ...["010", "0", "000010100", "0001111", "1", "1", "0", "0", "1"],
  ].join("");
  const set = [0x67, ...(bits.padEnd(Math.ceil(bits.length / 8) * 8, "0").match(/.{8}/g) ?? [])];
  const bytes = set.map((byte) => (typeof byte === "number" ? byte : Number.parseInt(byte, 2)));
  const record = Uint8Array.of(1, 100, 0, 30, 0xff, 0xe1, 0, bytes.length, ...bytes);
  expect(readAvcConfig(record)).toEqual({ width: 320, height: 240 });
});

const good = bytesOfHex(
  "01640028ffe1001967640028acd940780227e5c04400000fa40003a9803c60c65801000668ebe3cb22c0fdf8f800",
);

test.each([
  ["nothing", Uint8Array.of()],
  ["another version", Uint8Array.of(2, ...good.subarray(1))],
  ["no parameter set", Uint8Array.of(...good.subarray(0, 5), 0xe0, ...good.subarray(6))],
  ["a parameter set that is cut off", good.subarray(0, 14)],
  ["a NAL unit of another type", Uint8Array.of(...good.subarray(0, 8), 0x68, ...good.subarray(9))],
  [
    "an endless Exp-Golomb code",
    Uint8Array.of(1, 66, 0, 30, 255, 225, 0, 9, 0x67, 66, 0, 30, 0, 0, 0, 0, 0),
  ],
])("%s is no record", (_, record) => {
  expect(readAvcConfig(record)).toBeUndefined();
});

test("damaged records never throw, and sizes stay within the limit", () => {
  const damage = fc.array(fc.tuple(fc.integer({ min: 8, max: good.length - 1 }), fc.nat(255)));
  fc.assert(
    fc.property(damage, (changes) => {
      const record = good.slice();
      for (const [offset, byte] of changes) record[offset] = byte;
      const picture = readAvcConfig(record);
      if (picture === undefined) return;
      for (const side of [picture.width, picture.height]) {
        expect(side).toBeGreaterThanOrEqual(2);
        expect(side).toBeLessThanOrEqual(8_192);
      }
    }),
    { numRuns: 2_000 },
  );
});
