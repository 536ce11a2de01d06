/** RFC 6381 codec strings from the decoder configurations inside sample entries. */
import { ByteCursor } from "./byte-cursor.ts";

/** `avc1.XXXXXX` from an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1). */
export function avcCodec(record: Uint8Array): string | undefined {
  if (record.length < 7 || record[0] !== 1) return undefined;
  const hex = (index: number): string => record[index]!.toString(16).toUpperCase().padStart(2, "0");
  return `avc1.${hex(1)}${hex(2)}${hex(3)}`;
}

/** The AudioSpecificConfig inside the body of an `esds` box, its version and flags included. */
export function audioConfigOfEsds(body: Uint8Array): Uint8Array | undefined {
  const cursor = new ByteCursor(body);
  cursor.skip(4);
  if (enterDescriptor(cursor) !== 0x03) return undefined;
  cursor.skip(2);
  const flags = cursor.u8();
  if ((flags & 0x80) !== 0) cursor.skip(2);
  if ((flags & 0x40) !== 0) cursor.skip(cursor.u8());
  if ((flags & 0x20) !== 0) cursor.skip(2);
  if (enterDescriptor(cursor) !== 0x04) return undefined;
  const objectType = cursor.u8();
  cursor.skip(12);
  if (objectType !== 0x40 || cursor.u8() !== 0x05) return undefined;
  const config = cursor.view(descriptorLength(cursor));
  return cursor.failed ? undefined : config;
}

/** `mp4a.40.N` from an AudioSpecificConfig, N being its audio object type. */
export function aacCodec(audioConfig: Uint8Array): string | undefined {
  if (audioConfig.length < 2) return undefined;
  const objectType = audioConfig[0]! >> 3;
  if (objectType === 0) return undefined;
  const escaped = 32 + (((audioConfig[0]! & 7) << 3) | (audioConfig[1]! >> 5));
  return `mp4a.40.${objectType === 31 ? escaped : objectType}`;
}

function enterDescriptor(cursor: ByteCursor): number {
  const tag = cursor.u8();
  descriptorLength(cursor);
  return tag;
}

/** ISO/IEC 14496-1, 8.3.3: seven bits a byte, the top bit says that another follows. */
function descriptorLength(cursor: ByteCursor): number {
  let length = 0;
  for (let i = 0; i < 4; i++) {
    const byte = cursor.u8();
    length = length * 128 + (byte & 0x7f);
    if ((byte & 0x80) === 0) break;
  }
  return length;
}
