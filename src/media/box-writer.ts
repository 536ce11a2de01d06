/** Builds boxes (ISO/IEC 14496-12, 4.2) from fields; for init segments, where size matters little. */

/** Fields of a box: raw bytes, or numbers made by the functions below. */
type BoxField = Uint8Array;

export function u8(...values: number[]): BoxField {
  return Uint8Array.from(values);
}

export function u16(...values: number[]): BoxField {
  return Uint8Array.from(values.flatMap((value) => [(value >>> 8) & 0xff, value & 0xff]));
}

export function u32(...values: number[]): BoxField {
  return Uint8Array.from(
    values.flatMap((value) => [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value]),
  );
}

/** ASCII characters, without an ending zero. */
export function ascii(text: string): BoxField {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function box(type: string, ...fields: BoxField[]): Uint8Array {
  const byteCount = fields.reduce((sum, field) => sum + field.length, 8);
  return concatBytes([u32(byteCount), ascii(type), ...fields]);
}

/** A box with version and flags. */
export function fullBox(
  type: string,
  { version, flags }: { version: number; flags: number },
  ...fields: BoxField[]
): Uint8Array {
  return box(type, u32(version * 0x100_0000 + flags), ...fields);
}

export function concatBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
}
