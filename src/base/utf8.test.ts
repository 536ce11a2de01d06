import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

test("encodes any text as the platform's encoder does", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect([...encodeUtf8(text)]).toEqual([...new TextEncoder().encode(text)]);
    }),
  );
  expect([...encodeUtf8("a\ud800b")]).toEqual([...new TextEncoder().encode("a\ud800b")]);
});

test("decodes any bytes as the platform's decoder does", () => {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const nearUtf8 = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.array(fc.constantFrom(0x41, 0x80, 0x9f, 0xa0, 0xbf, 0xc2, 0xe0, 0xed, 0xf0, 0xf4), {
      maxLength: 8,
    }),
    fc.string({ unit: "binary" }).map((text) => [...new TextEncoder().encode(text)]),
  );
  fc.assert(
    fc.property(nearUtf8, (list) => {
      const bytes = Uint8Array.from(list);
      expect(decodeUtf8(bytes)).toBe(decoder.decode(bytes));
    }),
    { numRuns: 2000 },
  );
});
