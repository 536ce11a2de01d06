/** What both ports read of a request beside its path. */
import { readDeliveryDirectives } from "../../src/hls/delivery-directives.ts";
import type { ParsedPath } from "../../src/hls/path.ts";

/** `afterOf` for directives that deserve a 400. */
export const malformedAfter = -2;

/** The version a held request knows: `_HLS_msn` of playlists, `v` of a status; -1 for none. */
export function afterOf(path: ParsedPath, query: string): number {
  if (path.kind === "media") {
    const result = readDeliveryDirectives(query);
    return result.ok ? (result.directives.msn ?? -1) : malformedAfter;
  }
  if (path.kind !== "status") return -1;
  const versions = query.split("&").filter((pair) => pair === "v" || pair.startsWith("v="));
  if (versions.length === 0) return -1;
  const version = /^v=(\d{1,15})$/.exec(versions[0]!)?.[1];
  return versions.length > 1 || version === undefined ? malformedAfter : Number(version);
}
