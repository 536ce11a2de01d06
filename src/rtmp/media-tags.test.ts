import { expect, test } from "vitest";
import { amfObject, decodeAmf0, encodeAmf0 } from "./amf0.ts";
import { MediaTags } from "./media-tags.ts";
import { messageTypes } from "./message.ts";

const sound = Uint8Array.of(0xaf, 1, 0);

function read(
  typeId: number,
  payload: Uint8Array,
  { timestampMs = 0, tags = new MediaTags() } = {},
) {
  return tags.read({ chunkStreamId: 4, typeId, timestampMs, messageStreamId: 1, payload });
}

test.each<[string, number[], number[]]>([
  ["go on past the wrap at 2^32", [0xfffffff0, 0x10, 0x30], [0xfffffff0, 0x100000010, 0x100000030]],
  ["go back across the wrap", [0x10, 0xfffffff0], [0x10, -0x10]],
  [
    "pass the 24-bit mark after 4.6 hours",
    [0xfffffe, 0xffffff, 0x1000020],
    [0xfffffe, 0xffffff, 0x1000020],
  ],
  ["may start anywhere", [3_000_000_000, 3_000_000_040], [3_000_000_000, 3_000_000_040]],
  [
    "follow jumps of 2^31 without leaving the safe integers",
    [0, 0x7fffffff, 0, 0x80000001],
    [0, 0x7fffffff, 0, -0x7fffffff],
  ],
])("timestamps %s", (_, timestampsMs, expected) => {
  const tags = new MediaTags();
  const got = timestampsMs.map((timestampMs) => {
    const outcome = read(messageTypes.audio, sound, { timestampMs, tags });
    return outcome.kind === "tag" ? outcome.tag.timestampMs : outcome.kind;
  });
  expect(got).toEqual(expected);
});

const metadata = amfObject({ width: 1280 });
const inFile = encodeAmf0(["onMetaData", metadata]);

test.each<[string, number, Uint8Array]>([
  [
    "with @setDataFrame",
    messageTypes.dataAmf0,
    encodeAmf0(["@setDataFrame", "onMetaData", metadata]),
  ],
  ["without", messageTypes.dataAmf0, inFile],
  ["in an AMF3 message", messageTypes.dataAmf3, Uint8Array.of(0, ...inFile)],
])("metadata %s becomes what stands in files", (_, typeId, payload) => {
  const outcome = read(typeId, payload);
  expect(outcome).toMatchObject({ kind: "tag", tag: { kind: "script" } });
  expect(decodeAmf0(outcome.kind === "tag" ? outcome.tag.payload : new Uint8Array(0))).toEqual({
    ok: true,
    values: ["onMetaData", metadata],
  });
});

test.each<[string, number, Uint8Array]>([
  ["an empty sound message", messageTypes.audio, Uint8Array.of()],
  ["an empty picture", messageTypes.video, Uint8Array.of()],
  ["a video command frame", messageTypes.video, Uint8Array.of(0x57, 0)],
  ["other data", messageTypes.dataAmf0, encodeAmf0(["onCuePoint", null])],
  ["@setDataFrame alone", messageTypes.dataAmf0, encodeAmf0(["@setDataFrame"])],
  ["broken metadata", messageTypes.dataAmf0, inFile.subarray(0, 20)],
  ["huge metadata", messageTypes.dataAmf0, encodeAmf0(["onMetaData", "x".repeat(65_536)])],
])("%s is dropped", (_, typeId, payload) => {
  expect(read(typeId, payload)).toEqual({ kind: "dropped" });
});

test("an unsupported codec is named", () => {
  const hevc = Uint8Array.of(0x90, 0x68, 0x76, 0x63, 0x31);
  expect(read(messageTypes.video, hevc)).toEqual({
    kind: "unsupported",
    codec: 'enhanced FLV video "hvc1"',
  });
});
