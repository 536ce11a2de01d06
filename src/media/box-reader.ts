/** Finds boxes (ISO/IEC 14496-12, 4.2) in complete bytes. Malformed structure is `undefined`. */
import { ByteCursor } from "./byte-cursor.ts";

/** A box's place: `start` of its header, `body` after it, `end` of all; type as a 32-bit number. */
export interface BoxSpan {
  type: number;
  start: number;
  body: number;
  end: number;
}

/** Boxes that one container may hold; more is not media but an attack. */
const boxCountMax = 256;

/** The four characters of a box type as a number. */
export function boxType(name: string): number {
  let type = 0;
  for (let i = 0; i < 4; i++) type = type * 0x100 + (name.charCodeAt(i) & 0xff);
  return type;
}

export function boxTypeName(type: number): string {
  return String.fromCharCode(type >>> 24, (type >>> 16) & 0xff, (type >>> 8) & 0xff, type & 0xff);
}

/** The boxes between two offsets, or undefined when they do not fill that range exactly. */
export function readBoxes(bytes: Uint8Array, start: number, end: number): BoxSpan[] | undefined {
  const boxes: BoxSpan[] = [];
  for (let offset = start; offset < end;) {
    const cursor = new ByteCursor(bytes, offset, end);
    let byteCount = cursor.u32();
    const type = cursor.u32();
    if (byteCount === 1) byteCount = cursor.u64();
    const body = cursor.offset;
    if (cursor.failed || byteCount < body - offset || byteCount > end - offset) return undefined;
    if (boxes.length === boxCountMax) return undefined;
    boxes.push({ type, start: offset, body, end: offset + byteCount });
    offset += byteCount;
  }
  return boxes;
}

/** The first box along a path of containers, such as `mdia/minf/stbl/stsd`. */
export function findBox(bytes: Uint8Array, within: BoxSpan, path: string): BoxSpan | undefined {
  let found: BoxSpan | undefined = within;
  for (const name of path.split("/")) {
    if (found === undefined) return undefined;
    const type = boxType(name);
    found = readBoxes(bytes, found.body, found.end)?.find((box) => box.type === type);
  }
  return found;
}
