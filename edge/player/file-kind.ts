/** What a file is by its content; its name is believed only where the content cannot say. Pure. */

export type FileKind = "svg" | "png" | "jpg" | "webp" | "css";

/** An SVG document: after an optional declaration, comments and document type comes its root. */
const svgStart =
  /^\uFEFF?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*(?:<!DOCTYPE[^>[]*>\s*)?<svg[\s>]/;

/** Null when it is none of these. */
export function fileKindOf(bytes: Uint8Array, path: string): FileKind | null {
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return "png";
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return "jpg";
  const riff = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  if (riff.startsWith("RIFF") && riff.endsWith("WEBP")) return "webp";
  const text = textOf(bytes);
  if (text === null) return null;
  if (svgStart.test(text)) return "svg";
  return path.toLowerCase().endsWith(".css") && !/^\s*</.test(text) ? "css" : null;
}

function startsWith(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}

/** Null when the bytes are no text. */
function textOf(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
