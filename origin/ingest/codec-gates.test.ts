import { expect, test } from "vitest";
import { readAudioPayload, readVideoPayload } from "../../src/media/flv-payload.ts";
import { isEmptyVideo, unsupportedCodec } from "../../src/rtmp/flv.ts";

const payloads = Array.from({ length: 256 }, (_, first) => Uint8Array.of(first, 1, 0, 0, 0, 0));

test.each([
  ["audio", payloads, readAudioPayload],
  ["video", payloads.filter((payload) => !isEmptyVideo(payload)), readVideoPayload],
] as const)("the RTMP port takes the %s that the timeline takes, no other", (kind, some, read) => {
  const takenByPort = some.filter((payload) => unsupportedCodec(kind, payload) === undefined);
  expect(takenByPort).toEqual(some.filter((payload) => read(payload).kind !== "unsupported"));
});
