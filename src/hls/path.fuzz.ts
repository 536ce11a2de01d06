/** Fuzz target: paths as viewers send them. An accepted path is the canonical one of its fields. */
import { assert } from "../base/assert.ts";
import { emptyPath, formatPath, parsePath } from "./path.ts";

export const name = "path";

export const dictionary = [
  "/live/",
  "/watch/",
  "/embed/",
  "/assets/",
  "/t/abc",
  "index.m3u8",
  "status.json",
  "init-0123abcd.mp4",
  "1795370000-1795370003",
  ".m4s",
  "audio/",
  "%2e",
  "/../",
  "\\",
];

export function fuzz(data: Uint8Array): void {
  let raw = "";
  for (const byte of data) raw += String.fromCharCode(byte);
  const path = parsePath(raw);
  if (path === undefined) return;
  assert(formatPath(path) === raw, "an accepted path formats to itself");
  const again = parsePath(raw, emptyPath("room"));
  assert(again !== undefined && formatPath(again) === raw, "a reused object parses the same");
  for (const refused of ["%", "\\", "//", "/."]) {
    assert(!raw.includes(refused), `${refused} is in no canonical path`);
  }
}
