import { expect, test } from "vitest";
import { readAacConfig } from "./aac-config.ts";
import { bytesOfHex } from "./testing/fmp4-builder.ts";

test.each([
  ["1190", { sampleRateHz: 48_000, channelCount: 2 }],
  ["1210", { sampleRateHz: 44_100, channelCount: 2 }],
  ["1208", { sampleRateHz: 44_100, channelCount: 1 }],
  ["119056e500", { sampleRateHz: 48_000, channelCount: 2 }],
  // HE-AAC: the core's rate.
  ["2b118800", { sampleRateHz: 24_000, channelCount: 2 }],
  // The rate written out: 15, then 44,100 in 24 bits.
  ["17805622100000", { sampleRateHz: 44_100, channelCount: 2 }],
  ["1180", { sampleRateHz: 48_000, channelCount: 2 }],
  ["11b8", { sampleRateHz: 48_000, channelCount: 8 }],
  ["", undefined],
  ["11", undefined],
  ["0190", undefined],
  ["1690", undefined],
  ["11f8", undefined],
])("the configuration %s is %o", (hex, expected) => {
  expect(readAacConfig(bytesOfHex(hex))).toEqual(expected);
});
