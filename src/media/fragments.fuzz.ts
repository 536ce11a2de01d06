/**
 * Fuzz target: fMP4 streams. Reading never throws, any chunking gives the same events, and whatever
 * fragments come out go through the assembler without an exception.
 */
import { assert } from "../base/assert.ts";
import { FragmentReader, type FragmentEvent } from "./fragment-reader.ts";
import { gridFor } from "./grid.ts";
import { writeInitSegment } from "./init-segment.ts";
import { PartAssembler, timelineStart } from "./part-assembler.ts";

export const name = "fragments";

export const dictionary = [
  ...["ftyp", "moov", "trak", "tkhd", "mdia", "mdhd", "minf", "stbl", "stsd", "avc1", "avcC"],
  ...["mp4a", "esds", "mvex", "trex", "moof", "mfhd", "traf", "tfhd", "tfdt", "trun", "mdat"],
  Uint8Array.of(0, 0, 0, 1),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff),
];

const chunkBytes = 7;

export function fuzz(data: Uint8Array): void {
  const whole = new FragmentReader().push(data);
  const reader = new FragmentReader();
  const chunked: FragmentEvent[] = [];
  for (let offset = 0; offset < data.length; offset += chunkBytes) {
    chunked.push(...reader.push(data.subarray(offset, offset + chunkBytes)));
  }
  assert(
    whole.map(summary).join("\n") === chunked.map(summary).join("\n"),
    "chunks change what is read",
  );
  const options = { rungs: ["300"], audio: true, audioRung: true, epochStart: timelineStart };
  const assembler = new PartAssembler({ grid: gridFor(30), ...options });
  for (const event of whole) {
    if (event.kind === "init") {
      writeInitSegment(event.init.kind === "video" ? { video: event.init } : { audio: event.init });
    } else if (event.kind === "fragment") {
      assembler.pushVideo(0, event.fragment, 0);
      assembler.pushAudio(event.fragment, 0);
      assembler.tick(1_000);
    }
  }
  assembler.end();
}

function summary(event: FragmentEvent): string {
  if (event.kind === "fault") return event.reason;
  if (event.kind === "init") return `${event.init.codec} ${event.init.timescale}`;
  const { decodeTicks, samples } = event.fragment;
  const places = samples.map((s) => `${s.durationTicks} ${s.sync} ${s.data.join()}`);
  return `${decodeTicks}: ${places.join("; ")}`;
}
