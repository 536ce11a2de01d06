import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

/** UTF-16 units of every kind, so that surrogates come in pairs, alone and the wrong way round. */
const anyText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.integer({ min: 0x20, max: 0x7f }),
      fc.integer({ min: 0xd800, max: 0xdfff }),
    ),
    { maxLength: 12 },
  )
  .map((units) => String.fromCharCode(...units));

test("encodes any text as the platform's encoder does", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(Buffer.compare(encodeUtf8(text), new TextEncoder().encode(text))).toBe(0);
    }),
    { numRuns: 1000 },
  );
});

test("decodes any bytes as the platform's decoder does", () => {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const nearUtf8 = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.array(fc.constantFrom(0x41, 0x80, 0x9f, 0xa0, 0xbf, 0xc2, 0xe0, 0xed, 0xf0, 0xf4), {
      maxLength: 8,
    }),
    anyText.map((text) => new TextEncoder().encode(text)),
  );
  fc.assert(
    fc.property(nearUtf8, (list) => {
      const bytes = Uint8Array.from(list);
      expect(decodeUtf8(bytes)).toBe(decoder.decode(bytes));
    }),
    { numRuns: 1000 },
  );
});
