/** Building blocks of the configuration schema: each value with its unit and its doc. */
import { z } from "zod";
import { readNetwork } from "../base/ip-address.ts";
import { parseListenAddress } from "./listen-address.ts";

/** What the reference table and the example file say about a key. */
export interface KeyDoc {
  doc: string;
  /** Unit of the number, where the key's name does not carry it. */
  unit?: string;
}

export function integer(
  defaultValue: number,
  { min, max }: { min: number; max: number },
  doc: KeyDoc | string,
) {
  return z.int().min(min).max(max).default(defaultValue).meta(docOf(doc));
}

/** A number that need not be whole. */
export function real(
  defaultValue: number,
  { min, max }: { min: number; max: number },
  doc: KeyDoc | string,
) {
  return z.number().min(min).max(max).default(defaultValue).meta(docOf(doc));
}

export function ratio(defaultValue: number, doc: KeyDoc | string) {
  return real(defaultValue, { min: 0, max: 1 }, doc);
}

export function text(defaultValue: string, doc: KeyDoc | string) {
  return z.string().max(4096).default(defaultValue).meta(docOf(doc));
}

export function flag(defaultValue: boolean, doc: KeyDoc | string) {
  return z.boolean().default(defaultValue).meta(docOf(doc));
}

/** An address to listen on, or null for "this node has no such port". */
export function listen(defaultValue: string | null, doc: KeyDoc | string) {
  return z
    .string()
    .refine((value) => parseListenAddress(value) !== undefined, {
      error: "must be host:port, for example 127.0.0.1:8080 or [::]:8080 (port 0: any free one)",
    })
    .nullable()
    .default(defaultValue)
    .meta(docOf(doc));
}

const network = z.string().refine((value) => readNetwork(value) !== undefined, {
  error: "must be an address or a network, for example 127.0.0.1, 10.0.0.0/8 or fd00::/8",
});

/** IP addresses and networks, none by default. */
export function networks(doc: string) {
  return z.array(network).max(64).default([]).meta({ doc });
}

function docOf(doc: KeyDoc | string): { doc: string; unit?: string } {
  return typeof doc === "string" ? { doc } : { ...doc };
}
