/** IP addresses as text, read strictly: what two readers could take for two addresses is none. */

/**
 * The eight groups of an IPv6 address; an IPv4 address as the mapped one (RFC 4291 2.5.5.2).
 * Undefined for what is no address.
 */
export function addressGroups(text: string): number[] | undefined {
  const bare = text.split("%", 1)[0]!;
  if (bare.length > 45) return undefined;
  const dotted = bare.slice(bare.lastIndexOf(":") + 1);
  if (!dotted.includes(".")) return readGroups(bare);
  const last = lastGroupsOf(dotted);
  if (last === undefined) return undefined;
  const before = bare.slice(0, bare.length - dotted.length);
  return readGroups(`${before === "" ? "::ffff:" : before}${last}`);
}

/** An address that is IPv4, mapped or not, as four numbers; undefined for another one. */
export function dottedOf(groups: readonly number[]): string | undefined {
  if (groups[5] !== 0xffff || groups.slice(0, 5).some((group) => group !== 0)) return undefined;
  return [groups[6]! >> 8, groups[6]! & 255, groups[7]! >> 8, groups[7]! & 255].join(".");
}

/** In network byte order, as engines give it; of what is no address nothing. */
export function addressBytes(text: string): ArrayBuffer {
  const groups = addressGroups(text) ?? [];
  const view = new DataView(new ArrayBuffer(2 * groups.length));
  for (const [index, group] of groups.entries()) view.setUint16(2 * index, group);
  return view.buffer;
}

/**
 * What one line has: all of an IPv4 address, the /64 of an IPv6 one. What is no address is "", as if
 * all of those had one line.
 */
export function lineKey(text: string): string {
  const groups = addressGroups(text);
  if (groups === undefined) return "";
  const prefix = groups.slice(0, 4).map((group) => group.toString(16));
  return dottedOf(groups) ?? prefix.join(":");
}

/** Addresses that begin alike. */
export interface IpNetwork {
  groups: readonly number[];
  /** Of the 128 of `groups`: a mapped IPv4 address has 96 before its own. */
  prefixBits: number;
}

/** `address` or `address/bits`; undefined for what is neither. */
export function readNetwork(text: string): IpNetwork | undefined {
  const [address = "", bitsText, ...more] = text.split("/");
  const groups = addressGroups(address);
  if (groups === undefined || address.includes("%") || more.length > 0) return undefined;
  if (bitsText === undefined) return { groups, prefixBits: 128 };
  // Written as IPv4 it counts as IPv4 does; written as mapped it counts all.
  const bitsBefore = address.includes(":") ? 0 : 96;
  const bits = /^\d{1,3}$/.test(bitsText) ? Number(bitsText) : 129;
  return bits + bitsBefore <= 128 ? { groups, prefixBits: bits + bitsBefore } : undefined;
}

export function isWithin(groups: readonly number[], network: IpNetwork): boolean {
  return groups.every((group, index) => {
    const bits = Math.min(16, Math.max(0, network.prefixBits - 16 * index));
    return (group ^ network.groups[index]!) >> (16 - bits) === 0;
  });
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
