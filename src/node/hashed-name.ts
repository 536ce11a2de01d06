import { createHash } from "node:crypto";

/** A name that changes with the content, so that browsers may keep it for ever. */
export function hashedName(stem: string, ending: string, bytes: Uint8Array): string {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  return `${stem}-${hash}.${ending}`;
}
