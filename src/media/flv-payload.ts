/**
 * What the first bytes of an FLV tag's payload say (Adobe FLV specification 10.1, E.4.2 and E.4.3;
 * the enhanced form: Enhanced RTMP v1). Only AVC and AAC are read further.
 */

/** A payload by what it is for us; `other` needs no attention, `malformed` is dropped. */
type VideoPayload =
  | { kind: "header"; record: Uint8Array }
  | { kind: "frame"; keyframe: boolean }
  | { kind: "unsupported"; codec: string }
  | { kind: "other" }
  | { kind: "malformed" };

type AudioPayload =
  | { kind: "header"; config: Uint8Array }
  | { kind: "frame" }
  | { kind: "unsupported"; codec: string }
  | { kind: "malformed" };

const videoCodecs: Readonly<Record<number, string>> = {
  2: "Sorenson H.263",
  3: "Screen Video",
  4: "VP6",
  5: "VP6 with alpha",
  6: "Screen Video 2",
  12: "HEVC",
};
const audioCodecs: Readonly<Record<number, string>> = {
  0: "PCM",
  1: "ADPCM",
  2: "MP3",
  3: "PCM",
  4: "Nellymoser",
  5: "Nellymoser",
  6: "Nellymoser",
  7: "G.711 A-law",
  8: "G.711 mu-law",
  11: "Speex",
  14: "MP3",
};

export function readVideoPayload(payload: Uint8Array): VideoPayload {
  if (payload.length < 5) return { kind: payload.length === 0 ? "other" : "malformed" };
  const first = payload[0]!;
  if (first >= 0x80) return { kind: "unsupported", codec: fourCcName(payload.subarray(1, 5)) };
  const frameType = first >> 4;
  const codecId = first & 0x0f;
  // 5: a command to the player, not a picture.
  if (frameType === 5) return { kind: "other" };
  if (codecId !== 7) {
    return { kind: "unsupported", codec: videoCodecs[codecId] ?? `video codec ${codecId}` };
  }
  const packetType = payload[1];
  if (packetType === 0) return { kind: "header", record: payload.subarray(5) };
  if (packetType === 1) return { kind: "frame", keyframe: frameType === 1 };
  return { kind: "other" };
}

export function readAudioPayload(payload: Uint8Array): AudioPayload {
  if (payload.length < 2) return { kind: "malformed" };
  const format = payload[0]! >> 4;
  if (format === 9) return { kind: "unsupported", codec: fourCcName(payload.subarray(1, 5)) };
  if (format !== 10) {
    return { kind: "unsupported", codec: audioCodecs[format] ?? `audio format ${format}` };
  }
  if (payload[1] === 0) return { kind: "header", config: payload.subarray(2) };
  return payload[1] === 1 ? { kind: "frame" } : { kind: "malformed" };
}

/** Of an enhanced tag; its name goes into logs, so only plain characters pass. */
function fourCcName(bytes: Uint8Array): string {
  const name = String.fromCharCode(...bytes);
  return /^[a-zA-Z0-9-]{4}$/.test(name) ? name : "an unknown codec";
}

/**
 * A number of an onMetaData object, found by its key: a two-byte length, the key, the marker 0 and
 * a big-endian double (AMF0, 2.2 and 2.5). Whatever else the message holds does not matter here.
 */
export function readMetadataNumber(payload: Uint8Array, key: string): number | undefined {
  const pattern = [0, key.length, ...Array.from(key, (char) => char.charCodeAt(0)), 0];
  const last = payload.length - pattern.length - 8;
  for (let start = 0; start <= last; start++) {
    if (!pattern.every((byte, index) => payload[start + index] === byte)) continue;
    const view = new DataView(payload.buffer, payload.byteOffset + start + pattern.length, 8);
    const value = view.getFloat64(0);
    return Number.isFinite(value) ? value : undefined;
  }
  return undefined;
}
