/**
 * AMF0 values (Adobe AMF0 Specification, 2007): decoding with limits on depth and count, encoding
 * of what a server says. Objects are maps, so that no name from outside becomes a property. Not
 * here: AMF3, and references, which no publisher sends.
 */
import { decodeUtf8, encodeUtf8 } from "../base/utf8.ts";

export type AmfValue =
  number | boolean | string | null | undefined | AmfObject | AmfDate | readonly AmfValue[];
export type AmfObject = ReadonlyMap<string, AmfValue>;
export interface AmfDate {
  unixMs: number;
}

export interface AmfLimits {
  /** Objects and arrays within one another. */
  depthMax: number;
  /** Values of one message, nested ones included. */
  valueCountMax: number;
}

/** Far above any publisher's (OBS: depth 1, about 20 values); arbitrary. */
export const amfLimits: AmfLimits = { depthMax: 16, valueCountMax: 1_000 };

export type AmfResult = { ok: true; values: AmfValue[] } | { ok: false; reason: string };

const markers = {
  number: 0,
  boolean: 1,
  string: 2,
  object: 3,
  null: 5,
  undefined: 6,
  ecmaArray: 8,
  objectEnd: 9,
  strictArray: 10,
  date: 11,
  longString: 12,
  unsupported: 13,
  xmlDocument: 15,
  typedObject: 16,
} as const;

/** All values of a message; never throws. */
export function decodeAmf0(bytes: Uint8Array, limits: AmfLimits = amfLimits): AmfResult {
  const decoder = new Decoder(bytes, limits);
  const values: AmfValue[] = [];
  while (!decoder.atEnd) {
    const value = decoder.value(0);
    if (decoder.problem !== undefined) return { ok: false, reason: decoder.problem };
    values.push(value);
  }
  return { ok: true, values };
}

/** Recursive, but never deeper than `depthMax`; after a problem it reads nothing more. */
class Decoder {
  problem: string | undefined;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #limits: AmfLimits;
  #at = 0;
  #valueCount = 0;

  constructor(bytes: Uint8Array, limits: AmfLimits) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#limits = limits;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  value(depth: number): AmfValue {
    if (depth > this.#limits.depthMax) this.#fail("is nested too deep");
    if (++this.#valueCount > this.#limits.valueCountMax) this.#fail("has too many values");
    const at = this.#take(1);
    if (at === undefined) return undefined;
    const marker = this.#bytes[at]!;
    switch (marker) {
      case markers.object:
        return this.#object(depth);
      case markers.typedObject:
        this.#text(2);
        return this.#object(depth);
      case markers.ecmaArray:
        // The count is a hint (section 2.10) and is not believed.
        this.#take(4);
        return this.#object(depth);
      case markers.strictArray:
        return this.#array(depth);
      default:
        return this.#scalar(marker);
    }
  }

  #scalar(marker: number): AmfValue {
    switch (marker) {
      case markers.number:
        return this.#float();
      case markers.boolean: {
        const at = this.#take(1);
        return at === undefined ? undefined : this.#bytes[at] !== 0;
      }
      case markers.string:
        return this.#text(2);
      case markers.longString:
      case markers.xmlDocument:
        return this.#text(4);
      case markers.null:
        return null;
      case markers.undefined:
      case markers.unsupported:
        return undefined;
      case markers.date: {
        const unixMs = this.#float();
        this.#take(2);
        return { unixMs };
      }
      default:
        this.#fail(`has a value of the unknown type ${marker}`);
        return undefined;
    }
  }

  #fail(problem: string): void {
    this.problem ??= problem;
  }

  /** Where `count` bytes stand that are now read; undefined past the end or after a problem. */
  #take(count: number): number | undefined {
    if (count > this.#bytes.length - this.#at) this.#fail("ends within a value");
    if (this.problem !== undefined) return undefined;
    this.#at += count;
    return this.#at - count;
  }

  #float(): number {
    const at = this.#take(8);
    return at === undefined ? 0 : this.#view.getFloat64(at);
  }

  #text(lengthFieldBytes: 2 | 4): string {
    const at = this.#take(lengthFieldBytes);
    if (at === undefined) return "";
    const length = lengthFieldBytes === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
    const start = this.#take(length);
    return start === undefined ? "" : decodeUtf8(this.#bytes.subarray(start, start + length));
  }

  #object(depth: number): AmfObject {
    const properties = new Map<string, AmfValue>();
    while (this.problem === undefined) {
      const name = this.#text(2);
      if (name === "" && this.#bytes[this.#at] === markers.objectEnd) {
        this.#take(1);
        break;
      }
      properties.set(name, this.value(depth + 1));
    }
    return properties;
  }

  #array(depth: number): AmfValue[] {
    const at = this.#take(4);
    if (at === undefined) return [];
    const count = this.#view.getUint32(at);
    const items: AmfValue[] = [];
    // Each item takes a byte at least, so a count past the end fails before it costs anything.
    if (count > this.#bytes.length - this.#at) this.#fail("ends within a value");
    for (let i = 0; i < count && this.problem === undefined; i++) {
      items.push(this.value(depth + 1));
    }
    return items;
  }
}

/** The bytes of a message with these values; plain text above 65,535 bytes becomes a long string. */
export function encodeAmf0(values: readonly AmfValue[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const value of values) encodeValue(parts, value);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** An object from its properties, for encoding. */
export function amfObject(properties: Readonly<Record<string, AmfValue>>): AmfObject {
  return new Map(Object.entries(properties));
}

function encodeValue(parts: Uint8Array[], value: AmfValue): void {
  if (value === undefined) parts.push(Uint8Array.of(markers.undefined));
  else if (value === null) parts.push(Uint8Array.of(markers.null));
  else if (typeof value === "number") parts.push(float(markers.number, value));
  else if (typeof value === "boolean") parts.push(Uint8Array.of(markers.boolean, value ? 1 : 0));
  else if (typeof value === "string") encodeText(parts, value);
  else if (value instanceof Map) encodeObject(parts, value as AmfObject);
  else if (Array.isArray(value)) encodeArray(parts, value as readonly AmfValue[]);
  else parts.push(float(markers.date, (value as AmfDate).unixMs), Uint8Array.of(0, 0));
}

function float(marker: number, value: number): Uint8Array {
  const bytes = Uint8Array.of(marker, 0, 0, 0, 0, 0, 0, 0, 0);
  new DataView(bytes.buffer).setFloat64(1, value);
  return bytes;
}

function encodeText(parts: Uint8Array[], text: string): void {
  const bytes = encodeUtf8(text);
  const { length } = bytes;
  if (length <= 0xffff) parts.push(Uint8Array.of(markers.string, length >> 8, length & 0xff));
  else parts.push(lengthField(markers.longString, length));
  parts.push(bytes);
}

function encodeObject(parts: Uint8Array[], object: AmfObject): void {
  parts.push(Uint8Array.of(markers.object));
  for (const [name, value] of object) {
    const bytes = encodeUtf8(name).subarray(0, 0xffff);
    parts.push(Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes);
    encodeValue(parts, value);
  }
  parts.push(Uint8Array.of(0, 0, markers.objectEnd));
}

function encodeArray(parts: Uint8Array[], items: readonly AmfValue[]): void {
  parts.push(lengthField(markers.strictArray, items.length));
  for (const item of items) encodeValue(parts, item);
}

function lengthField(marker: number, length: number): Uint8Array {
  return Uint8Array.of(marker, length >>> 24, length >>> 16, length >>> 8, length);
}
