/** Fuzz target: AMF0 messages. Decoding never throws, and what was decoded survives encoding. */
import { assert } from "../base/assert.ts";
import { decodeAmf0, encodeAmf0 } from "./amf0.ts";

export const name = "amf0";

export const dictionary = [
  "connect",
  "onMetaData",
  "@setDataFrame",
  Uint8Array.of(0, 0, 9),
  Uint8Array.of(3, 0, 1, 0x61),
  Uint8Array.of(8, 0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(10, 0, 0, 0, 1),
  Uint8Array.of(12, 0, 0, 0, 1),
];

export function fuzz(data: Uint8Array): void {
  const decoded = decodeAmf0(data);
  if (!decoded.ok) return;
  const bytes = encodeAmf0(decoded.values);
  const again = decodeAmf0(bytes);
  assert(again.ok, "what was decoded and encoded cannot be decoded");
  const bytesAgain = encodeAmf0(again.values);
  assert(
    bytes.length === bytesAgain.length && bytes.every((byte, i) => byte === bytesAgain[i]),
    "encoding is not stable",
  );
}
