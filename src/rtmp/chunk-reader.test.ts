import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ChunkReader, type ChunkFault } from "./chunk-reader.ts";
import { ChunkWriter } from "./chunk-writer.ts";
import { messageTypes, uint32Bytes, type RtmpMessage } from "./message.ts";

const limits = { messageBytesMax: 100_000, partialBytesMax: 300_000, chunkStreamCountMax: 4 };

interface Outcome {
  messages: RtmpMessage[];
  fault: ChunkFault | undefined;
}

/** Reads the stream in pieces of the given sizes, the last one again and again. */
function read(stream: Uint8Array, pieceBytes: readonly number[] = [stream.length]): Outcome {
  const reader = new ChunkReader(limits);
  const messages: RtmpMessage[] = [];
  let at = 0;
  for (let i = 0; at < stream.length; i++) {
    const count = Math.max(1, pieceBytes[Math.min(i, pieceBytes.length - 1)]!);
    reader.push(stream.subarray(at, at + count));
    at += count;
    for (let message = reader.next(); message !== undefined; message = reader.next()) {
      messages.push(message);
    }
  }
  if (reader.fault === undefined && messages.length > 0) expect(reader.partialBytes).toBe(0);
  return { messages, fault: reader.fault };
}

const joined = (...parts: (Uint8Array | readonly number[])[]): Uint8Array =>
  new Uint8Array(Buffer.concat(parts.map((part) => Uint8Array.from(part))));
/** One line a message: quicker to compare than objects, hundreds of times a test. */
const inWords = ({ messages, fault }: Outcome): string[] => [
  ...messages.map(
    (one) =>
      `${one.chunkStreamId} ${one.timestampMs} ${one.typeId} ${one.messageStreamId} ` +
      Buffer.from(one.payload).toString("hex"),
  ),
  ...(fault === undefined ? [] : [fault.reason]),
];
const filled = (length: number, from = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (from + i) & 0xff);

/** Short form of a message: chunk stream, timestamp, type, message stream, payload. */
function message(
  chunkStreamId: number,
  timestampMs: number,
  payload: Uint8Array,
  { typeId = 9, messageStreamId = 1 } = {},
): RtmpMessage {
  return { chunkStreamId, timestampMs, typeId, messageStreamId, payload };
}

/** The stream gives these messages, whole, split in two at every byte, and byte by byte. */
function check(stream: Uint8Array, expected: RtmpMessage[]): void {
  const outcome = { messages: expected, fault: undefined };
  expect(read(stream)).toEqual(outcome);
  const text = inWords(outcome).join("\n");
  for (let at = 1; at < stream.length; at++) {
    const split = inWords(read(stream, [at, stream.length])).join("\n");
    expect(split, `split at byte ${at}`).toBe(text);
  }
  expect(inWords(read(stream, [1])).join("\n")).toBe(text);
}

function checkFault(stream: Uint8Array, fault: ChunkFault): void {
  expect(read(stream).fault).toEqual(fault);
  expect(read(stream, [1]).fault).toEqual(fault);
}

const two = filled(2);
const format0 = [0x04, 0, 0, 100, 0, 0, 2, 9, 1, 0, 0, 0];

describe("headers", () => {
  test("format 0 says everything", () => {
    check(joined(format0, two), [message(4, 100, two)]);
  });

  test("format 1 keeps the message stream and adds its delta", () => {
    check(joined(format0, two, [0x44, 0, 0, 23, 0, 0, 3, 8], filled(3)), [
      message(4, 100, two),
      message(4, 123, filled(3), { typeId: 8 }),
    ]);
  });

  test("format 2 keeps length and type too", () => {
    check(joined(format0, two, [0x84, 0, 0, 40], filled(2, 7)), [
      message(4, 100, two),
      message(4, 140, filled(2, 7)),
    ]);
  });

  test("format 3 adds the same delta again", () => {
    check(joined(format0, two, [0x84, 0, 0, 40], two, [0xc4], two, [0xc4], two), [
      message(4, 100, two),
      message(4, 140, two),
      message(4, 180, two),
      message(4, 220, two),
    ]);
  });

  test("format 3 after format 0 takes that timestamp as the delta", () => {
    check(joined(format0, two, [0xc4], two), [message(4, 100, two), message(4, 200, two)]);
  });

  test("format 1 may open a chunk stream, as old librtmp does", () => {
    check(joined([0x42, 0, 0, 5, 0, 0, 2, 4], two), [
      message(2, 5, two, { typeId: 4, messageStreamId: 0 }),
    ]);
  });

  test.each<[string, number, number[]]>([
    ["one byte", 63, [0x3f]],
    ["two bytes", 64, [0x00, 0]],
    ["two bytes, the highest", 319, [0x00, 255]],
    ["three bytes", 320, [0x01, 0, 1]],
    ["three bytes, the highest", 65_599, [0x01, 255, 255]],
  ])("chunk stream numbers of %s", (_, chunkStreamId, basic) => {
    check(joined(basic, format0.slice(1), two), [message(chunkStreamId, 100, two)]);
  });

  test("a message without payload is a message", () => {
    const header = [0x04, 0, 0, 0, 0, 0, 0, 8, 1, 0, 0, 0];
    check(joined(header, [0xc4]), [
      message(4, 0, filled(0), { typeId: 8 }),
      message(4, 0, filled(0), { typeId: 8 }),
    ]);
  });

  test("timestamps wrap at 32 bits", () => {
    const late = [0x04, 0xff, 0xff, 0xff, 0, 0, 2, 9, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xf0];
    check(joined(late, two, [0x84, 0, 0, 0x20], two), [
      message(4, 0xfffffff0, two),
      message(4, 0x10, two),
    ]);
  });
});

describe("chunks", () => {
  const header200 = [0x04, 0, 0, 0, 0, 0, 200, 9, 1, 0, 0, 0];
  const payload = filled(200);

  test("a message of 200 bytes comes in two", () => {
    check(joined(header200, payload.subarray(0, 128), [0xc4], payload.subarray(128)), [
      message(4, 0, payload),
    ]);
  });

  test("chunks of two messages may interleave", () => {
    const other = [0x05, 0, 0, 7, 0, 0, 150, 8, 1, 0, 0, 0];
    const sound = filled(150, 9);
    const first = joined(header200, payload.subarray(0, 128), other, sound.subarray(0, 128));
    const rest = joined([0xc4], payload.subarray(128), [0xc5], sound.subarray(128));
    check(joined(first, rest), [message(4, 0, payload), message(5, 7, sound, { typeId: 8 })]);
  });

  test("a new chunk size holds from the next chunk on, also within a message", () => {
    const long = filled(600);
    const header600 = [0x04, 0, 0, 0, 0, 0x02, 0x58, 9, 1, 0, 0, 0];
    const size256 = [0x02, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 1, 0];
    check(
      joined(
        header600,
        long.subarray(0, 128),
        size256,
        [0xc4],
        long.subarray(128, 384),
        [0xc4],
        long.subarray(384),
      ),
      [message(4, 0, long)],
    );
  });

  test("Abort throws away what there is of a message", () => {
    const abort = [0x02, 0, 0, 0, 0, 0, 4, 2, 0, 0, 0, 0, 0, 0, 0, 4];
    check(joined(header200, payload.subarray(0, 128), abort, format0, two), [message(4, 100, two)]);
  });

  test("Abort of a chunk stream that does not exist is nothing", () => {
    const abort = [0x02, 0, 0, 0, 0, 0, 4, 2, 0, 0, 0, 0, 0, 0, 0, 99];
    check(joined(abort, format0, two), [message(4, 100, two)]);
  });
});

describe("extended timestamps", () => {
  const extended = [0x01, 0x00, 0x00, 0x05];
  const header200 = [0x04, 0xff, 0xff, 0xff, 0, 0, 200, 9, 1, 0, 0, 0, ...extended];
  const payload = filled(200);
  const expected = [message(4, 0x01000005, payload)];
  const first = payload.subarray(0, 128);
  const rest = payload.subarray(128);

  test("encoders that repeat it on chunks of format 3 are understood", () => {
    check(joined(header200, first, [0xc4], extended, rest), expected);
  });

  test("encoders that omit it on chunks of format 3 are understood", () => {
    check(joined(header200, first, [0xc4], rest), expected);
  });

  test("a payload that begins like it, where it is omitted, is kept", () => {
    const begins = joined(payload.subarray(0, 128), extended.slice(0, 3), filled(69, 50));
    check(joined(header200, begins.subarray(0, 128), [0xc4], begins.subarray(128)), [
      message(4, 0x01000005, begins),
    ]);
  });

  test("a short end of a message that begins like it, where it is omitted, is kept", () => {
    const header130 = [0x04, 0xff, 0xff, 0xff, 0, 0, 130, 9, 1, 0, 0, 0, ...extended];
    const short = joined(filled(128), extended.slice(0, 2));
    check(joined(header130, filled(128), [0xc4], extended.slice(0, 2), format0, two), [
      message(4, 0x01000005, short),
      message(4, 100, two),
    ]);
  });

  test("exactly 0xFFFFFF is extended", () => {
    const header = [0x04, 0xff, 0xff, 0xff, 0, 0, 2, 9, 1, 0, 0, 0, 0, 0xff, 0xff, 0xff];
    check(joined(header, two), [message(4, 0xffffff, two)]);
  });

  test("a delta may be extended", () => {
    const later = [0x84, 0xff, 0xff, 0xff, 0x01, 0, 0, 0];
    check(joined(format0, two, later, two), [message(4, 100, two), message(4, 0x01000064, two)]);
  });

  test("they end with the next header that has none", () => {
    const header = [0x04, 0xff, 0xff, 0xff, 0, 0, 2, 9, 1, 0, 0, 0, ...extended];
    check(joined(header, two, [0x84, 0, 0, 3], two, [0xc4], two), [
      message(4, 0x01000005, two),
      message(4, 0x01000008, two),
      message(4, 0x0100000b, two),
    ]);
  });
});

describe("faults", () => {
  const chunkSize = (value: number): Uint8Array =>
    joined([0x02, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0], uint32Bytes(value));

  test.each([0, 1, 127, 65_537, 0x7fffffff, 0xffffffff])("a chunk size of %i", (value) => {
    const reason = `a chunk size of ${value} bytes, where 128 to 65536 are allowed`;
    checkFault(chunkSize(value), { kind: "protocol", reason });
  });

  test.each([128, 65_536])("not a chunk size of %i", (value) => {
    expect(read(joined(chunkSize(value), format0, two)).messages).toHaveLength(1);
  });

  test("a message longer than allowed, before any of it is stored", () => {
    const header = joined([0x04, 0, 0, 0, 0xff, 0xff, 0xff, 9, 1, 0, 0, 0]);
    const reason = "a message of 16777215 bytes, where 100000 are allowed";
    checkFault(header, { kind: "limit", reason });
  });

  test("more chunk streams than allowed", () => {
    const streams = [3, 4, 5, 6, 7].map((id) => joined([id], format0.slice(1), two));
    checkFault(joined(...streams), { kind: "limit", reason: "more than 4 chunk streams" });
  });

  test("more unfinished messages than fit", () => {
    const reader = new ChunkReader({ ...limits, partialBytesMax: 150_000 });
    const writer = new ChunkWriter();
    for (const id of [4, 5, 6]) {
      reader.push(writer.chunks(message(id, 0, filled(60_000)))[0]!);
      expect(reader.next()).toBeUndefined();
      expect(reader.partialBytes).toBeLessThanOrEqual(150_000);
    }
    const reason = "more than 150000 bytes of unfinished messages";
    expect(reader.fault).toEqual({ kind: "limit", reason });
    expect(reader.partialBytes).toBe(0);
  });

  test("a buffer that would outgrow them while it is filled", () => {
    const reader = new ChunkReader({ ...limits, partialBytesMax: 70_000 });
    reader.push(new ChunkWriter().write(message(4, 0, filled(100_000))));
    expect(reader.next()).toBeUndefined();
    expect(reader.fault?.kind).toBe("limit");
  });

  test("a header inside an unfinished message", () => {
    const header200 = [0x04, 0, 0, 0, 0, 0, 200, 9, 1, 0, 0, 0];
    const reason = "a message header inside an unfinished message";
    checkFault(joined(header200, filled(128), header200), { kind: "protocol", reason });
  });

  test.each([0x84, 0xc4])("a chunk stream that begins with %i", (basic) => {
    const reason = "chunk stream 4 begins without a header";
    checkFault(joined([basic, 0, 0, 0]), { kind: "protocol", reason });
  });

  test("a chunk size without its number", () => {
    const reason = "a control message of type 1 with 2 bytes";
    checkFault(joined([0x02, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0], two), { kind: "protocol", reason });
  });

  test("a flood of messages without payload", () => {
    const header = [0x04, 0, 0, 0, 0, 0, 0, 8, 1, 0, 0, 0];
    const flood = joined(header, new Uint8Array(20_000).fill(0xc4));
    checkFault(flood, { kind: "limit", reason: "a flood of nearly empty messages" });
  });

  test("the allowance covers an honest stream of tiny messages", () => {
    const writer = new ChunkWriter();
    const stream = Array.from({ length: 20_000 }, (_, i) =>
      writer.write(message(4, i * 21, filled(8), { typeId: 8 })),
    );
    expect(read(joined(...stream), [65_536]).messages).toHaveLength(20_000);
  });
});

test("memory follows the bytes that came, not the length announced", () => {
  const reader = new ChunkReader(limits);
  reader.push(joined([0x04, 0, 0, 0, 1, 0x86, 0xa0, 9, 1, 0, 0, 0], two));
  expect(reader.next()).toBeUndefined();
  expect(reader.partialBytes).toBe(65_536);
});

const tail = Uint8Array.from({ length: 700 }, (_, i) => 0x30 + (i % 7));
const anyMessage = fc.record({
  chunkStreamId: fc.constantFrom(3, 64, 65_599),
  timestampMs: fc.oneof(
    fc.integer({ min: 0, max: 2_000 }),
    fc.integer({ min: 0xfffff0, max: 0x100000f }),
    fc.integer({ min: 0xfffffff0, max: 0xffffffff }),
  ),
  typeId: fc.constantFrom(messageTypes.audio, messageTypes.video, messageTypes.dataAmf0),
  messageStreamId: fc.constantFrom(0, 1, 0xffffffff),
  // Never the first byte of an extended timestamp, where that may be omitted.
  payload: fc.integer({ min: 0, max: 700 }).map((length) => tail.slice(tail.length - length)),
});

test("reads what the writer wrote, however it is cut, interleaved and abbreviated", () => {
  fc.assert(
    fc.property(
      fc.array(anyMessage, { minLength: 1, maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 }),
      fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
      fc.boolean(),
      fc.constantFrom(128, 129, 4_096),
      (messages, pieces, formatMax, repeatExtended, chunkSizeBytes) => {
        const writer = new ChunkWriter({ formatMax, repeatExtended });
        const size = message(2, 0, uint32Bytes(chunkSizeBytes), { typeId: 1, messageStreamId: 0 });
        const stream = joined(writer.write(size), ...messages.map((one) => writer.write(one)));
        const words = inWords({ messages, fault: undefined });
        expect(inWords(read(stream, pieces)).join("\n")).toBe(words.join("\n"));
      },
    ),
    { numRuns: 300 },
  );
});

test("reads messages whose chunks alternate", () => {
  fc.assert(
    fc.property(anyMessage, anyMessage, fc.boolean(), (one, other, repeatExtended) => {
      const first = { ...one, chunkStreamId: 5 };
      const second = { ...other, chunkStreamId: 6 };
      const writer = new ChunkWriter({ repeatExtended });
      const [a, b] = [writer.chunks(first), writer.chunks(second)];
      const order = Array.from({ length: Math.max(a.length, b.length) }, (_, i) => [
        ...(a[i] === undefined ? [] : [a[i]]),
        ...(b[i] === undefined ? [] : [b[i]]),
      ]).flat();
      const words = inWords({ messages: [first, second], fault: undefined });
      const got = inWords(read(joined(...order), [100]));
      expect(got.sort().join("\n")).toBe(words.sort().join("\n"));
    }),
  );
});

test("never throws on arbitrary bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void read(bytes, [7])));
});
