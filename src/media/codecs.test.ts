import { expect, test } from "vitest";
import { aacCodec, audioConfigOfEsds, avcCodec } from "./codecs.ts";
import { bytesOfHex } from "./testing/fmp4-builder.ts";

test.each([
  ["014d401effe1", undefined],
  ["014d401effe100", "avc1.4D401E"],
  ["0142c00cffe100", "avc1.42C00C"],
  ["024d401effe100", undefined],
  ["", undefined],
])("the avcC %s is %s", (hex, expected) => {
  expect(avcCodec(bytesOfHex(hex))).toBe(expected);
});

test.each([
  ["1190", "mp4a.40.2"],
  ["2b11", "mp4a.40.5"],
  ["f940", "mp4a.40.42"],
  ["0190", undefined],
  ["11", undefined],
])("the AudioSpecificConfig %s is %s", (hex, expected) => {
  expect(aacCodec(bytesOfHex(hex))).toBe(expected);
});

test.each([
  [
    "ffmpeg's, lengths in four bytes",
    "00000000038080802500010004808080174015000000" +
      "0000bb800000bb8005808080051190" +
      "56e500060102",
    "119056e500",
  ],
  [
    "with dependence, URL and clock",
    "00000000031e0001e000020261620003041140150000000000000000000000" + "05021190",
    "1190",
  ],
  ["not AAC", "0000000003150001000411" + "6b150000000000000000000000" + "05021190", undefined],
  ["cut off", "00000000031500010004114015", undefined],
  ["empty", "", undefined],
])("the configuration of an esds: %s", (_, hex, expected) => {
  const config = audioConfigOfEsds(bytesOfHex(hex));
  expect(config).toEqual(expected === undefined ? undefined : bytesOfHex(expected));
});
