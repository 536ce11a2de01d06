/** Reads an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1). Malformed input is `undefined`. */
import { BitReader } from "./bit-reader.ts";

export interface AacSound {
  sampleRateHz: number;
  channelCount: number;
}

const sampleRatesHz = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
  7_350,
];
const channelCounts = [0, 1, 2, 3, 4, 5, 6, 8];

export function readAacConfig(config: Uint8Array): AacSound | undefined {
  const bits = new BitReader(config);
  const objectType = bits.bits(5);
  if (objectType === 31) bits.bits(6);
  const sampleRateHz = readSampleRate(bits);
  const channelCode = bits.bits(4);
  if (bits.failed || objectType === 0 || sampleRateHz === undefined) return undefined;
  // 0: a program_config_element says it; encoders that publish use that for nothing but stereo.
  const channelCount = channelCode === 0 ? 2 : channelCounts[channelCode];
  return channelCount === undefined ? undefined : { sampleRateHz, channelCount };
}

function readSampleRate(bits: BitReader): number | undefined {
  const index = bits.bits(4);
  const sampleRateHz = index === 15 ? bits.bits(24) : sampleRatesHz[index];
  return sampleRateHz === undefined || sampleRateHz < 7_350 ? undefined : sampleRateHz;
}
