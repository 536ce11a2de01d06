/**
 * Addresses of viewers as the log may show them. By default only their network, which says where
 * trouble comes from and not who it is. Pure: it reads the text that the engines give.
 */

/** truncated: the /24 of an IPv4 and the /48 of an IPv6 address. */
export const addressModes = ["truncated", "full", "none"] as const;
export type AddressMode = (typeof addressModes)[number];

/** What the log shows of an address; "" for nothing, and for what is no address. */
export function shownAddress(text: string, mode: AddressMode): string {
  if (mode === "none") return "";
  const groups = groupsOf(text);
  if (groups === undefined) return "";
  if (isMapped(groups)) {
    const bytes = [groups[6]! >> 8, groups[6]! & 255, groups[7]! >> 8, groups[7]! & 255];
    return mode === "full" ? bytes.join(".") : `${bytes.slice(0, 3).join(".")}.0/24`;
  }
  const shown = mode === "full" ? groups : groups.slice(0, 3);
  const hex = shown.map((group) => group.toString(16)).join(":");
  return mode === "full" ? hex : `${hex}::/48`;
}

/** The eight groups of an IPv6 address; an IPv4 address as the mapped one (RFC 4291 2.5.5.2). */
function groupsOf(text: string): number[] | undefined {
  const bare = text.split("%", 1)[0]!;
  if (bare.length > 45) return undefined;
  const dotted = bare.slice(bare.lastIndexOf(":") + 1);
  if (!dotted.includes(".")) return readGroups(bare);
  const last = lastGroupsOf(dotted);
  if (last === undefined) return undefined;
  const before = bare.slice(0, bare.length - dotted.length);
  return readGroups(`${before === "" ? "::ffff:" : before}${last}`);
}

function lastGroupsOf(dotted: string): string | undefined {
  const parts = dotted.split(".");
  if (parts.length !== 4) return undefined;
  const bytes = parts.map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  if (bytes.some((byte) => byte > 255)) return undefined;
  const group = (high: number, low: number): string => ((high << 8) | low).toString(16);
  return `${group(bytes[0]!, bytes[1]!)}:${group(bytes[2]!, bytes[3]!)}`;
}

function readGroups(text: string): number[] | undefined {
  const [head = "", tail, ...more] = text.split("::");
  if (more.length > 0) return undefined;
  const first = groupTexts(head);
  const last = groupTexts(tail ?? "");
  const missing = 8 - first.length - last.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...first, ...new Array<string>(tail === undefined ? 0 : missing).fill("0"), ...last];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return all.map((group) => Number.parseInt(group, 16));
}

function groupTexts(text: string): string[] {
  return text === "" ? [] : text.split(":");
}

function isMapped(groups: readonly number[]): boolean {
  return groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
}
