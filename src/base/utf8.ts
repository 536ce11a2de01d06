/**
 * UTF-8 without TextEncoder and TextDecoder, which the pure folders do not have. Follows the
 * WHATWG encoding standard: ill-formed input decodes to U+FFFD, lone surrogates encode as U+FFFD.
 */

const replacement = 0xfffd;

/** The UTF-8 bytes of a text. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    let codePoint = text.codePointAt(i)!;
    if (codePoint > 0xffff) i++;
    else if (codePoint >= 0xd800 && codePoint <= 0xdfff) codePoint = replacement;
    if (codePoint < 0x80) {
      bytes[length++] = codePoint;
    } else if (codePoint < 0x800) {
      bytes[length++] = 0xc0 | (codePoint >> 6);
      bytes[length++] = 0x80 | (codePoint & 0x3f);
    } else if (codePoint < 0x10000) {
      bytes[length++] = 0xe0 | (codePoint >> 12);
      bytes[length++] = 0x80 | ((codePoint >> 6) & 0x3f);
      bytes[length++] = 0x80 | (codePoint & 0x3f);
    } else {
      bytes[length++] = 0xf0 | (codePoint >> 18);
      bytes[length++] = 0x80 | ((codePoint >> 12) & 0x3f);
      bytes[length++] = 0x80 | ((codePoint >> 6) & 0x3f);
      bytes[length++] = 0x80 | (codePoint & 0x3f);
    }
  }
  return bytes.slice(0, length);
}

/** The text of UTF-8 bytes; never throws. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = "";
  let at = 0;
  while (at < bytes.length) {
    const { codePoint, length } = sequenceAt(bytes, at);
    text += String.fromCodePoint(codePoint);
    at += length;
  }
  return text;
}

/** One code point, and over how many bytes: for ill-formed input the longest valid beginning. */
function sequenceAt(bytes: Uint8Array, at: number): { codePoint: number; length: number } {
  const lead = bytes[at]!;
  if (lead < 0x80) return { codePoint: lead, length: 1 };
  const continuationCount = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  if (lead < 0xc2 || lead > 0xf4) return { codePoint: replacement, length: 1 };
  let codePoint = lead & (0x3f >> continuationCount);
  for (let i = 1; i <= continuationCount; i++) {
    const next = bytes[at + i] ?? 0;
    const [min, max] = i === 1 ? secondByteRange(lead) : [0x80, 0xbf];
    if (next < min || next > max) return { codePoint: replacement, length: i };
    codePoint = (codePoint << 6) | (next & 0x3f);
  }
  return { codePoint, length: continuationCount + 1 };
}

/** Unicode 15, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF. */
function secondByteRange(lead: number): readonly [number, number] {
  if (lead === 0xe0) return [0xa0, 0xbf];
  if (lead === 0xed) return [0x80, 0x9f];
  if (lead === 0xf0) return [0x90, 0xbf];
  if (lead === 0xf4) return [0x80, 0x8f];
  return [0x80, 0xbf];
}
