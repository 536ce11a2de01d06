/** Verifies a segment that was read: its length, its digest (RFC 9530) and its age. */
import { sha256 } from "k6/crypto";
import { ageFailures, digestChecks, digestFailures } from "./viewer-metrics.ts";

/** Clocks of a second's resolution and answers under way. */
const ageSlackSec = 3;
const algorithm = "sha-256=:";

/** `ageSecMax` is how long ago the segment can have been made at the most; others' need no digest. */
export function verifySegment(
  response: { body: ArrayBuffer | null; headers: Record<string, string> },
  ageSecMax: number,
  needsDigest: boolean,
): void {
  const { body, headers } = response;
  digestChecks.add(1);
  const reason = wrongIn(body, headers, needsDigest);
  if (reason !== undefined) digestFailures.add(1, { reason });
  // A cache has to say it (RFC 9111, 5.1), an origin has none.
  const age = Number(headers["Age"] ?? (headers["X-Cache"] === undefined ? 0 : Number.NaN));
  if (!(age >= 0 && age <= ageSecMax + ageSlackSec)) ageFailures.add(1);
}

function wrongIn(
  body: ArrayBuffer | null,
  headers: Record<string, string>,
  needsDigest: boolean,
): string | undefined {
  const byteCount = body?.byteLength ?? 0;
  if (body === null || byteCount !== Number(headers["Content-Length"])) return "length";
  // No regular expression: the first one costs each viewer 17 kB.
  const digests = headers["Repr-Digest"] ?? "";
  const at = digests.indexOf(algorithm);
  if (at === -1) return needsDigest ? "no digest" : undefined;
  const from = at + algorithm.length;
  const stated = digests.slice(from, digests.indexOf(":", from));
  return stated === sha256(body, "base64") ? undefined : "digest";
}
