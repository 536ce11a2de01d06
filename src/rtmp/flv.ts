/**
 * FLV tags: what RTMP audio, video and data messages carry, and the file form that ffmpeg reads.
 * Looks only at the codec bytes in front of a payload. Source: Adobe Flash Video File Format
 * Specification 10.1, annex E; the ex-header bit is Enhanced RTMP v2.
 */

export interface FlvTag {
  kind: "audio" | "video" | "script";
  /** Decoding time in ms, the wrap at 2^32 unrolled; below 0 only if the peer goes back past 0. */
  timestampMs: number;
  /** The tag's body, codec bytes included; owned by whoever receives the tag. */
  payload: Uint8Array;
}

const tagTypes = { audio: 8, video: 9, script: 18 } as const;
const tagHeaderBytes = 11;
const trailerBytes = 4;

/** The file header and the first "previous tag size" field. */
export function writeFlvHeader({ audio, video }: { audio: boolean; video: boolean }): Uint8Array {
  const flags = (audio ? 4 : 0) | (video ? 1 : 0);
  return Uint8Array.of(0x46, 0x4c, 0x56, 1, flags, 0, 0, 0, 9, 0, 0, 0, 0);
}

/** One tag with its trailing size field; the timestamp is written modulo 2^32. */
export function writeFlvTag(tag: FlvTag): Uint8Array {
  const { length } = tag.payload;
  const bytes = new Uint8Array(tagHeaderBytes + length + trailerBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, (tagTypes[tag.kind] << 24) | length);
  view.setUint32(4, tag.timestampMs << 8);
  bytes[7] = (tag.timestampMs >>> 24) & 0xff;
  bytes.set(tag.payload, tagHeaderBytes);
  view.setUint32(tagHeaderBytes + length, tagHeaderBytes + length);
  return bytes;
}

const avcCodec = 7;
const aacFormat = 10;

const videoCodecNames: Readonly<Record<number, string>> = {
  1: "JPEG",
  2: "Sorenson H.263",
  3: "Screen video",
  4: "VP6",
  5: "VP6 with alpha",
  6: "Screen video 2",
  12: "HEVC",
  13: "AV1",
};

const audioFormatNames: Readonly<Record<number, string>> = {
  0: "PCM",
  1: "ADPCM",
  2: "MP3",
  3: "PCM",
  4: "Nellymoser",
  5: "Nellymoser",
  6: "Nellymoser",
  7: "G.711 A-law",
  8: "G.711 mu-law",
  9: "enhanced audio",
  11: "Speex",
  13: "Opus",
  14: "MP3",
};

/** Whether a video payload is a command or empty: nothing to decode, to be dropped. */
export function isEmptyVideo(payload: Uint8Array): boolean {
  const first = payload[0];
  return first === undefined || ((first & 0x80) === 0 && first >> 4 === 5);
}

/** The codec of a non-empty payload that we do not take, in words; undefined for AVC and AAC. */
export function unsupportedCodec(kind: "audio" | "video", payload: Uint8Array): string | undefined {
  const first = payload[0] ?? 0;
  if (kind === "audio") {
    const format = first >> 4;
    return format === aacFormat
      ? undefined
      : (audioFormatNames[format] ?? `audio format ${format}`);
  }
  if ((first & 0x80) !== 0) return `enhanced FLV video "${fourCc(payload)}"`;
  const codec = first & 0x0f;
  return codec === avcCodec ? undefined : (videoCodecNames[codec] ?? `video codec ${codec}`);
}

/** Whether a video payload is AVC of any packet type. */
export function isAvc(payload: Uint8Array): boolean {
  const first = payload[0] ?? 0;
  return (first & 0x8f) === avcCodec;
}

/** Whether a video payload carries the AVCDecoderConfigurationRecord (at byte 5). */
export function isAvcSequenceHeader(payload: Uint8Array): boolean {
  return isAvc(payload) && payload.length > 5 && payload[1] === 0;
}

/** Whether a video payload carries NAL units that begin a group of pictures. */
export function isAvcKeyframe(payload: Uint8Array): boolean {
  return isAvc(payload) && payload[0]! >> 4 === 1 && payload.length > 5 && payload[1] === 1;
}

/** Whether an audio payload carries the AudioSpecificConfig (at byte 2). */
export function isAacSequenceHeader(payload: Uint8Array): boolean {
  return payload.length > 2 && payload[0]! >> 4 === aacFormat && payload[1] === 0;
}

/** The four-character code of an enhanced video payload, other characters as "?". */
function fourCc(payload: Uint8Array): string {
  let text = "";
  for (const code of payload.subarray(1, 5)) {
    text += code > 0x20 && code < 0x7f && code !== 0x22 ? String.fromCharCode(code) : "?";
  }
  return text;
}
