/**
 * The canonical path grammar: a path is parsed by it or refused. It reads
 * raw bytes only: nothing is decoded, so a percent sign, a dot segment or a doubled slash is no
 * path of ours. Parsing and formatting are inverse, so the fields are as good a cache key as the
 * path. The viewer token `/t/{token}` is stripped into a field of its own.
 */

export const pathKinds = [
  "root",
  "watch",
  "embed",
  "multivariant",
  "media",
  "init",
  "segment",
  "part",
  "status",
  "ladder",
  "viewers",
  "room",
  "asset",
  "cmcd",
  "qoe",
] as const;
export type PathKind = (typeof pathKinds)[number];

/** Every kind has every field, so that all paths have one shape; -1 and "" stand for "has none". */
export interface ParsedPath {
  kind: PathKind;
  feed: string;
  /** The rung's kbps, or `audioRung`. */
  rung: number;
  epoch: number;
  msn: number;
  /** Index of the part within its segment. */
  part: number;
  /** Content hash of an init segment, or an asset's file name. */
  name: string;
  /** Viewer token that stood before the path. */
  token: string;
}

/** How the audio rung is written as a number. */
export const audioRung = 0;

/** Longest path in bytes; the longest of ours has about 330 (a token of 256). */
export const pathLengthMax = 512;

const feedLengthMax = 32;
const tokenLengthMax = 256;
const assetNameLengthMax = 96;
const hashLengthMin = 8;
const hashLengthMax = 64;
/** Digits of a number: 10^15 is below 2^53. */
const digitCountMax = 15;

/** A path without fields, to be filled by `parsePath` or for `formatPath`. */
export function emptyPath(kind: PathKind = "root"): ParsedPath {
  return { kind, feed: "", rung: -1, epoch: -1, msn: -1, part: -1, name: "", token: "" };
}

/**
 * Parses the path of a URL (without its query) into `into`, or returns undefined when it is not
 * canonical; `into` then holds nothing of use. Pass one object again and again on a hot path.
 */
export function parsePath(raw: string, into: ParsedPath = emptyPath()): ParsedPath | undefined {
  if (raw.length > pathLengthMax) return undefined;
  clear(into);
  let start = 0;
  if (raw.startsWith("/t/")) {
    const end = raw.indexOf("/", 3);
    if (!isToken(raw, 3, end)) return undefined;
    into.token = raw.slice(3, end);
    start = end;
  }
  return parseBelow(raw, start, into) ? into : undefined;
}

/** The canonical path of the fields. They must be of the grammar: this does not check them. */
export function formatPath(path: ParsedPath): string {
  const prefix = path.token === "" ? "" : `/t/${path.token}`;
  return prefix + formatBelow(path);
}

/** A rung as it stands in URLs: its kbps in decimal, or "audio". */
export function formatRung(rung: number): string {
  return rung === audioRung ? "audio" : String(rung);
}

/** The number of a rung written as in URLs; undefined when it is none. */
export function parseRung(text: string): number | undefined {
  if (text === "audio") return audioRung;
  const rung = readNumber(text, 0, text.length);
  return rung > 0 ? rung : undefined;
}

/** The segment's name within its rung: `{epoch}-{msn}.m4s`. */
export function formatSegmentName({ epoch, msn }: { epoch: number; msn: number }): string {
  return `${epoch}-${msn}.m4s`;
}

/** The part's name within its rung: `{epoch}-{msn}.{part}.m4s`. */
export function formatPartName(of: { epoch: number; msn: number; part: number }): string {
  return `${of.epoch}-${of.msn}.${of.part}.m4s`;
}

/** The init segment's name within its rung; the hash is 8 to 64 lower-case hexadecimal digits. */
export function formatInitName(hash: string): string {
  return `init-${hash}.mp4`;
}

function clear(path: ParsedPath): void {
  path.kind = "root";
  path.feed = "";
  path.rung = -1;
  path.epoch = -1;
  path.msn = -1;
  path.part = -1;
  path.name = "";
  path.token = "";
}

function formatBelow(path: ParsedPath): string {
  const feed = `/live/${path.feed}`;
  switch (path.kind) {
    case "root":
      return "/";
    case "watch":
    case "embed":
      return `/${path.kind}/${path.feed}`;
    case "multivariant":
      return `${feed}/index.m3u8`;
    case "media":
      return `${feed}/${formatRung(path.rung)}/index.m3u8`;
    case "init":
      return `${feed}/${formatRung(path.rung)}/${formatInitName(path.name)}`;
    case "segment":
      return `${feed}/${formatRung(path.rung)}/${formatSegmentName(path)}`;
    case "part":
      return `${feed}/${formatRung(path.rung)}/${formatPartName(path)}`;
    case "status":
    case "ladder":
      return `${feed}/${path.kind}.json`;
    case "viewers":
    case "room":
      return `${feed}/${path.kind}`;
    case "asset":
      return `/assets/${path.name}`;
    case "cmcd":
    case "qoe":
      return `/${path.kind}`;
  }
}

function parseBelow(raw: string, start: number, into: ParsedPath): boolean {
  if (raw.startsWith("/live/", start)) return parseLive(raw, start + 6, into);
  if (raw.startsWith("/watch/", start)) return parsePage(raw, start + 7, into, "watch");
  if (raw.startsWith("/embed/", start)) return parsePage(raw, start + 7, into, "embed");
  if (raw.startsWith("/assets/", start)) return parseAsset(raw, start + 8, into);
  const rest = raw.length - start;
  if (rest === 1 && raw.charCodeAt(start) === 47) return true;
  if (rest === 5 && raw.endsWith("/cmcd")) {
    into.kind = "cmcd";
    return true;
  }
  if (rest === 4 && raw.endsWith("/qoe")) {
    into.kind = "qoe";
    return true;
  }
  return false;
}

function parsePage(raw: string, start: number, into: ParsedPath, kind: "watch" | "embed"): boolean {
  if (!isFeed(raw, start, raw.length)) return false;
  into.kind = kind;
  into.feed = raw.slice(start);
  return true;
}

function parseAsset(raw: string, start: number, into: ParsedPath): boolean {
  if (!isAssetName(raw, start)) return false;
  into.kind = "asset";
  into.name = raw.slice(start);
  return true;
}

function parseLive(raw: string, start: number, into: ParsedPath): boolean {
  const feedEnd = raw.indexOf("/", start);
  if (feedEnd === -1 || !isFeed(raw, start, feedEnd)) return false;
  into.feed = raw.slice(start, feedEnd);
  const nameStart = feedEnd + 1;
  const rungEnd = raw.indexOf("/", nameStart);
  if (rungEnd === -1) return parseFeedFile(raw, nameStart, into);
  const isAudio = rungEnd - nameStart === 5 && raw.startsWith("audio", nameStart);
  into.rung = isAudio ? audioRung : readNumber(raw, nameStart, rungEnd);
  if (!isAudio && into.rung <= 0) return false;
  return parseRungFile(raw, rungEnd + 1, into);
}

function parseFeedFile(raw: string, start: number, into: ParsedPath): boolean {
  switch (raw.slice(start)) {
    case "index.m3u8":
      into.kind = "multivariant";
      return true;
    case "status.json":
      into.kind = "status";
      return true;
    case "ladder.json":
      into.kind = "ladder";
      return true;
    case "viewers":
      into.kind = "viewers";
      return true;
    case "room":
      into.kind = "room";
      return true;
    default:
      return false;
  }
}

function parseRungFile(raw: string, start: number, into: ParsedPath): boolean {
  if (raw.endsWith(".m4s")) return parseMediaName(raw, start, into);
  if (raw.length - start === 10 && raw.startsWith("index.m3u8", start)) {
    into.kind = "media";
    return true;
  }
  if (!raw.startsWith("init-", start) || !raw.endsWith(".mp4")) return false;
  const hashStart = start + 5;
  const hashEnd = raw.length - 4;
  if (!isHash(raw, hashStart, hashEnd)) return false;
  into.kind = "init";
  into.name = raw.slice(hashStart, hashEnd);
  return true;
}

function parseMediaName(raw: string, start: number, into: ParsedPath): boolean {
  const dash = raw.indexOf("-", start);
  if (dash === -1) return false;
  const end = raw.length - 4;
  const dot = raw.indexOf(".", dash);
  into.epoch = readNumber(raw, start, dash);
  into.msn = readNumber(raw, dash + 1, dot);
  if (into.epoch < 0 || into.msn < 0) return false;
  if (dot === end) {
    into.kind = "segment";
    return true;
  }
  into.part = readNumber(raw, dot + 1, end);
  into.kind = "part";
  return into.part >= 0;
}

/** Decimal without leading zeros, at most 15 digits; -1 when it is not that. */
function readNumber(raw: string, start: number, end: number): number {
  const digitCount = end - start;
  if (digitCount < 1 || digitCount > digitCountMax) return -1;
  if (raw.charCodeAt(start) === 48 && digitCount > 1) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = raw.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function isFeed(raw: string, start: number, end: number): boolean {
  if (end <= start || end - start > feedLengthMax) return false;
  for (let i = start; i < end; i++) {
    const code = raw.charCodeAt(i);
    if (!isLowerOrDigit(code) && code !== 45) return false;
  }
  return true;
}

function isHash(raw: string, start: number, end: number): boolean {
  if (end - start < hashLengthMin || end - start > hashLengthMax) return false;
  for (let i = start; i < end; i++) {
    const code = raw.charCodeAt(i);
    if (!isDigit(code) && (code < 97 || code > 102)) return false;
  }
  return true;
}

/** base64url, with a dot between its fields: `[A-Za-z0-9_.-]`. */
function isToken(raw: string, start: number, end: number): boolean {
  if (end <= start || end - start > tokenLengthMax) return false;
  for (let i = start; i < end; i++) {
    if (!isNameCode(raw.charCodeAt(i))) return false;
  }
  return raw.charCodeAt(start) !== 46;
}

function isAssetName(raw: string, start: number): boolean {
  const length = raw.length - start;
  if (length < 1 || length > assetNameLengthMax || raw.charCodeAt(start) === 46) return false;
  for (let i = start; i < raw.length; i++) {
    if (!isNameCode(raw.charCodeAt(i))) return false;
  }
  return true;
}

function isNameCode(code: number): boolean {
  return (
    isLowerOrDigit(code) || (code >= 65 && code <= 90) || code === 45 || code === 46 || code === 95
  );
}

function isLowerOrDigit(code: number): boolean {
  return isDigit(code) || (code >= 97 && code <= 122);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
