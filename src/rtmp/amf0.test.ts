import fc from "fast-check";
import { expect, test } from "vitest";
import { amfLimits, amfObject, decodeAmf0, encodeAmf0, type AmfValue } from "./amf0.ts";

const bytes = (...parts: (number | string)[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "number" ? [part] : [...new TextEncoder().encode(part)],
    ),
  );

function check(input: Uint8Array, expected: AmfValue[] | string): void {
  const result = decodeAmf0(input);
  expect(result).toEqual(
    typeof expected === "string" ? { ok: false, reason: expected } : { ok: true, values: expected },
  );
}

test.each<[string, Uint8Array, AmfValue[]]>([
  ["nothing", bytes(), []],
  ["a number", bytes(0, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0), [1.5]],
  ["booleans", bytes(1, 0, 1, 1, 1, 2), [false, true, true]],
  ["a string", bytes(2, 0, 3, "abc"), ["abc"]],
  ["a string beyond ASCII", bytes(2, 0, 2, 0xc3, 0xa9), ["\u00e9"]],
  ["null, undefined, unsupported", bytes(5, 6, 13), [null, undefined, undefined]],
  ["an object", bytes(3, 0, 1, "a", 5, 0, 0, 9), [new Map([["a", null]])]],
  ["an ECMA array, whatever its count", bytes(8, 0, 0, 0, 9, 0, 0, 9), [new Map()]],
  ["a strict array", bytes(10, 0, 0, 0, 2, 5, 1, 1), [[null, true]]],
  ["a date", bytes(11, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0, 0), [{ unixMs: 1 }]],
  ["a long string and XML", bytes(12, 0, 0, 0, 1, "x", 15, 0, 0, 0, 1, "y"), ["x", "y"]],
  ["a typed object", bytes(16, 0, 1, "C", 0, 1, "a", 5, 0, 0, 9), [new Map([["a", null]])]],
  [
    "a property called __proto__",
    bytes(3, 0, 9, "__proto__", 5, 0, 0, 9),
    [new Map([["__proto__", null]])],
  ],
])("decodes %s", (_, input, expected) => check(input, expected));

const tooShort = "ends within a value";
test.each<[string, Uint8Array, string]>([
  ["a string past the end", bytes(2, 0xff, 0xff, "a"), tooShort],
  ["a long string past the end", bytes(12, 0xff, 0xff, 0xff, 0xff), tooShort],
  ["half a number", bytes(0, 0x3f), tooShort],
  ["an object without an end", bytes(3, 0, 1, "a", 5), tooShort],
  ["an ECMA array of 2^32 items", bytes(8, 0xff, 0xff, 0xff, 0xff), tooShort],
  ["a strict array of 2^32 items", bytes(10, 0xff, 0xff, 0xff, 0xff, 5), tooShort],
  ["an unknown marker", bytes(18), "has a value of the unknown type 18"],
  ["a reference", bytes(7, 0, 0), "has a value of the unknown type 7"],
  ["AMF3", bytes(17, 4, 1), "has a value of the unknown type 17"],
  [
    "70,000 nested objects",
    Uint8Array.from(Array.from({ length: 70_000 }, () => [3, 0, 1, 0x61]).flat()),
    "is nested too deep",
  ],
  [
    "70,000 nested arrays",
    Uint8Array.from(Array.from({ length: 70_000 }, () => [10, 0, 0, 0, 1]).flat()),
    "is nested too deep",
  ],
  ["2,000 values", new Uint8Array(2_000).fill(5), "has too many values"],
])("refuses %s", (_, input, expected) => check(input, expected));

test("takes exactly the depth and the count that are allowed", () => {
  const nested = (depth: number): AmfValue => (depth === 0 ? null : [nested(depth - 1)]);
  expect(decodeAmf0(encodeAmf0([nested(amfLimits.depthMax)])).ok).toBe(true);
  expect(decodeAmf0(encodeAmf0([nested(amfLimits.depthMax + 1)])).ok).toBe(false);
  const nulls = Array<null>(amfLimits.valueCountMax).fill(null);
  expect(decodeAmf0(encodeAmf0(nulls)).ok).toBe(true);
  expect(decodeAmf0(encodeAmf0([...nulls, null])).ok).toBe(false);
});

const { value: anyValue } = fc.letrec<{ value: AmfValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.double(),
    fc.boolean(),
    fc.string(),
    fc.constant(null),
    fc.constant(undefined),
    fc.double().map((unixMs) => ({ unixMs })),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string({ minLength: 1 }), tie("value"), { maxKeys: 4 }).map(amfObject),
  ),
}));

test("decodes whatever it encoded", () => {
  const limits = { depthMax: 1_000, valueCountMax: 100_000 };
  fc.assert(
    fc.property(fc.array(anyValue, { maxLength: 5 }), (values) => {
      expect(decodeAmf0(encodeAmf0(values), limits)).toEqual({ ok: true, values });
    }),
  );
});

test("encodes a text of more than 65,535 bytes as a long string", () => {
  const text = "x".repeat(65_536);
  const encoded = encodeAmf0([text]);
  expect(encoded[0]).toBe(12);
  check(encoded, [text]);
});

test("never throws on arbitrary bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (input) => void decodeAmf0(input)));
});
