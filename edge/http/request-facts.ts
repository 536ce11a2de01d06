/** What both ports read of a request beside its path. */
import { readDeliveryDirectives } from "../../src/hls/delivery-directives.ts";
import type { ParsedPath } from "../../src/hls/path.ts";

/** `afterOf` for directives that deserve a 400. */
export const malformedAfter = -2;

const statusVersion = /(?:^|&)v=(\d{1,15})(?:&|$)/;

/** The version a held request knows: `_HLS_msn` of playlists, `v` of a status; -1 for none. */
export function afterOf(path: ParsedPath, query: string): number {
  if (path.kind === "media") {
    const result = readDeliveryDirectives(query);
    return result.ok ? (result.directives.msn ?? -1) : malformedAfter;
  }
  if (path.kind !== "status") return -1;
  const version = statusVersion.exec(query)?.[1];
  return version === undefined ? -1 : Number(version);
}
