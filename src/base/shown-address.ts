/**
 * Addresses of viewers as the log may show them. By default only their network, which says where
 * trouble comes from and not who it is. Pure: it reads the text that the engines give.
 */
import { addressGroups, dottedOf } from "./ip-address.ts";

/** truncated: the /24 of an IPv4 and the /48 of an IPv6 address. */
export const addressModes = ["truncated", "full", "none"] as const;
export type AddressMode = (typeof addressModes)[number];

/** What the log shows of an address; "" for nothing, and for what is no address. */
export function shownAddress(text: string, mode: AddressMode): string {
  if (mode === "none") return "";
  const groups = addressGroups(text);
  if (groups === undefined) return "";
  const dotted = dottedOf(groups);
  if (dotted !== undefined) {
    return mode === "full" ? dotted : `${dotted.slice(0, dotted.lastIndexOf("."))}.0/24`;
  }
  const shown = mode === "full" ? groups : groups.slice(0, 3);
  const hex = shown.map((group) => group.toString(16)).join(":");
  return mode === "full" ? hex : `${hex}::/48`;
}
