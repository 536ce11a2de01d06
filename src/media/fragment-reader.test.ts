import fc from "fast-check";
import { expect, test } from "vitest";
import { ascii, box, concatBytes, fullBox, u32 } from "./box-writer.ts";
import { FragmentReader, type FragmentEvent } from "./fragment-reader.ts";
import {
  aacSampleEntry,
  avcSampleEntry,
  fragmentBytes,
  ftyp,
  moofOf,
  moov,
  sample,
  tfhd,
} from "./testing/fmp4-builder.ts";

const tfdtAt = (ticks: number): Uint8Array => fullBox("tfdt", { version: 0, flags: 0 }, u32(ticks));
const trunOf = (version: number, flags: number, ...fields: number[]): Uint8Array =>
  fullBox("trun", { version, flags }, u32(...fields));
const mdat = (byteCount: number): Uint8Array =>
  box(
    "mdat",
    Uint8Array.from({ length: byteCount }, (_, index) => index),
  );

function readAll(bytes: Uint8Array, chunkBytes = bytes.length): FragmentEvent[] {
  const reader = new FragmentReader();
  const events: FragmentEvent[] = [];
  for (let offset = 0; offset < bytes.length; offset += chunkBytes) {
    events.push(...reader.push(bytes.slice(offset, offset + chunkBytes)));
  }
  return events;
}

function faultOf(...boxes: Uint8Array[]): string | undefined {
  const fault = readAll(concatBytes(boxes)).find((event) => event.kind === "fault");
  return fault?.kind === "fault" ? fault.reason : undefined;
}

test("a video track's description is read from its moov", () => {
  const sampleEntry = avcSampleEntry({ width: 480, height: 270 });
  const events = readAll(concatBytes([ftyp, moov({ timescale: 12_800, sampleEntry })]));
  expect(events).toEqual([
    {
      kind: "init",
      init: {
        kind: "video",
        timescale: 12_800,
        codec: "avc1.42C00C",
        sampleEntry,
        width: 480,
        height: 270,
      },
    },
  ]);
});

test("a sound track's description is read from its moov", () => {
  const sampleEntry = aacSampleEntry();
  const events = readAll(concatBytes([ftyp, moov({ timescale: 48_000, sampleEntry })]));
  expect(events).toEqual([
    {
      kind: "init",
      init: {
        kind: "audio",
        timescale: 48_000,
        codec: "mp4a.40.2",
        sampleEntry,
        sampleRateHz: 48_000,
        channelCount: 2,
      },
    },
  ]);
});

/** Durations, offsets and sync flags of the one fragment, and the first bytes of its samples. */
function samplesOf(...boxes: Uint8Array[]) {
  const events = readAll(concatBytes(boxes));
  expect(events.map(({ kind }) => kind)).toEqual(["init", "fragment"]);
  const event = events[1]!;
  if (event.kind !== "fragment") throw new Error("unreachable");
  const { decodeTicks, samples } = event.fragment;
  return {
    decodeTicks,
    samples: samples.map((s) => [s.durationTicks, s.compositionOffsetTicks, s.sync, ...s.data]),
  };
}

const trex = { durationTicks: 512, byteCount: 2, flags: 0x101_0000 };

test("what trun leaves out comes from tfhd, and what that leaves out from trex", () => {
  const moof = moofOf(tfhd(), tfdtAt(9), trunOf(0, 0x1, 2, 92));
  expect(moof.length).toBe(84);
  expect(samplesOf(moov({ trex }), moof, mdat(4))).toEqual({
    decodeTicks: 9,
    samples: [
      [512, 0, false, 0, 1],
      [512, 0, false, 2, 3],
    ],
  });
  const own = moofOf(tfhd(0x38, u32(600, 3, 0x200_0000)), tfdtAt(9), trunOf(0, 0x1, 1, 104));
  expect(samplesOf(moov({ trex }), own, mdat(3)).samples).toEqual([[600, 0, true, 0, 1, 2]]);
});

test("first-sample-flags override the defaults for the first sample only", () => {
  const moof = moofOf(tfhd(), tfdtAt(0), trunOf(0, 0x5, 2, 96, 0x200_0000));
  const { samples } = samplesOf(moov({ trex }), moof, mdat(4));
  expect(samples.map(([, , sync]) => sync)).toEqual([true, false]);
});

test.each([
  [0, 0xffff_fe00, 0xffff_fe00],
  [1, 0xffff_fe00, -512],
])("composition offsets of trun version %d read %d as %d", (version, written, expected) => {
  const moof = moofOf(tfhd(), tfdtAt(0), trunOf(version, 0x801, 1, 96, written));
  expect(samplesOf(moov({ trex }), moof, mdat(2)).samples[0]![1]).toBe(expected);
});

test("several runs of a fragment follow one another", () => {
  const runs = [trunOf(0, 0x1, 1, 108), trunOf(0, 0, 1)];
  const moof = moofOf(tfhd(), tfdtAt(0), ...runs);
  expect(moof.length).toBe(100);
  expect(samplesOf(moov({ trex }), moof, mdat(4)).samples).toEqual([
    [512, 0, false, 0, 1],
    [512, 0, false, 2, 3],
  ]);
});

test("offsets from the start of the stream are understood", () => {
  const init = moov({ trex });
  const moof = moofOf(
    fullBox("tfhd", { version: 0, flags: 0x1 }, u32(1, 0, init.length)),
    tfdtAt(0),
    trunOf(0, 0x1, 1, 100),
  );
  expect(moof.length).toBe(92);
  expect(samplesOf(init, moof, mdat(2)).samples).toEqual([[512, 0, false, 0, 1]]);
});

test("decode times have 64 bits", () => {
  const tfdt = fullBox("tfdt", { version: 1, flags: 0 }, u32(1, 2));
  const moof = moofOf(tfhd(), tfdt, trunOf(0, 0x1, 1, 96));
  expect(samplesOf(moov({ trex }), moof, mdat(2)).decodeTicks).toBe(2 ** 32 + 2);
});

test("a fragment without a decode time follows the one before", () => {
  const moof = moofOf(tfhd(), trunOf(0, 0x1, 1, 76));
  const events = readAll(concatBytes([moov({ trex }), moof, mdat(2), moof, mdat(2)]));
  const times = events.map((event) => event.kind === "fragment" && event.fragment.decodeTicks);
  expect(times).toEqual([false, 0, 512]);
});

test("other boxes are passed over, 64-bit sizes included", () => {
  const large = concatBytes([u32(1), ascii("free"), u32(0, 21), new Uint8Array(5)]);
  const fragment = fragmentBytes({ decodeTicks: 0, timescale: 15_360, samples: [sample()] });
  const events = readAll(concatBytes([ftyp, large, moov(), box("free"), fragment, box("mfra")]));
  expect(events.map(({ kind }) => kind)).toEqual(["init", "fragment"]);
});

const goodMoof = moofOf(tfhd(), tfdtAt(0), trunOf(0, 0x1, 1, 92));

test.each([
  ["a box smaller than its header", [concatBytes([u32(7), ascii("free")])], "claims 7 bytes"],
  ["a box without an end", [concatBytes([u32(0), ascii("mdat")])], "claims 0 bytes"],
  ["a description beyond its limit", [concatBytes([u32(70_000), ascii("moov")])], "claims 70000"],
  ["media beyond its limit", [concatBytes([u32(1 << 25), ascii("mdat")])], "claims 33554432"],
  ["a moof before any moov", [goodMoof], "before any moov"],
  ["an mdat without a moof", [moov({ trex }), mdat(2)], "without a moof"],
  ["two tracks", [moov({ trackCount: 2 })], "2 tracks"],
  ["no track", [box("moov")], "0 tracks"],
  ["an unknown codec", [moov({ sampleEntry: box("hvc1") })], "neither avc1 nor mp4a"],
  ["no timescale", [moov({ timescale: 0 })], "mdhd"],
  ["an entry without avcC", [moov({ sampleEntry: box("avc1", new Uint8Array(78)) })], "avc1"],
  ["MP3 in mp4a", [moov({ sampleEntry: aacSampleEntry({ objectType: 0x6b }) })], "mp4a"],
  ["a moov whose boxes overrun it", [box("moov", u32(99), ascii("trak"))], "malformed"],
  ["a moof without traf", [moov(), box("moof")], "traf"],
  ["a traf without tfhd", [moov(), moofOf(tfdtAt(0))], "traf"],
  ["another track's fragment", [moov({ trackId: 2 }), goodMoof], "of track 1"],
  ["a run longer than its box", [moov(), moofOf(tfhd(), trunOf(0, 0x201, 9, 92))], "trun"],
  ["a billion samples", [moov(), moofOf(tfhd(), trunOf(0, 0x1, 1e9, 92))], "trun"],
  ["samples beyond the mdat", [moov({ trex }), goodMoof, mdat(1)], "outside"],
  [
    "samples before the mdat",
    [moov({ trex }), moofOf(tfhd(), trunOf(0, 0x1, 1, 4)), mdat(2)],
    "outside",
  ],
])("%s is a fault", (_, boxes, reason) => {
  expect(faultOf(...boxes)).toContain(reason);
});

test("after a fault nothing more is read", () => {
  const reader = new FragmentReader();
  expect(reader.push(concatBytes([u32(3), ascii("free")]))).toHaveLength(1);
  expect(reader.push(moov())).toEqual([]);
});

const streams = fc
  .array(
    fc.array(
      fc.record({
        durationTicks: fc.integer({ min: 0, max: 0xffff_ffff }),
        compositionOffsetTicks: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        sync: fc.boolean(),
        data: fc.uint8Array({ maxLength: 40 }),
      }),
      { maxLength: 6 },
    ),
    { maxLength: 5 },
  )
  .map((fragments) =>
    fragments.map((samples, index) => ({ decodeTicks: index * 7, timescale: 15_360, samples })),
  );

test("any chunking of a stream gives the same fragments", () => {
  fc.assert(
    fc.property(streams, fc.integer({ min: 1, max: 200 }), (fragments, chunkBytes) => {
      const bytes = concatBytes([ftyp, moov(), ...fragments.map(fragmentBytes)]);
      const events = readAll(bytes, chunkBytes);
      expect(events[0]!.kind).toBe("init");
      expect(events.slice(1)).toEqual(
        fragments.map((fragment) => ({ kind: "fragment", fragment })),
      );
    }),
  );
});

test("a damaged stream never throws and faults at most once", () => {
  const samples = [sample({ sync: true }), sample(), sample()];
  const good = concatBytes([
    ftyp,
    moov({ trex }),
    fragmentBytes({ decodeTicks: 0, timescale: 15_360, samples }),
    fragmentBytes({ decodeTicks: 1_536, timescale: 15_360, samples }),
  ]);
  const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1 });
  fc.assert(
    fc.property(damage, (changes) => {
      const bytes = good.slice();
      for (const [offset, byte] of changes) bytes[offset] = byte;
      const events = readAll(bytes, 33);
      expect(events.filter(({ kind }) => kind === "fault").length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 2_000 },
  );
});

test("arbitrary bytes never throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      readAll(bytes, 9);
    }),
  );
});
