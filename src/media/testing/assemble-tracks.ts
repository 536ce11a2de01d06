/** Runs encoded tracks through readers and assembler, as the packager does. */
import { FragmentReader } from "../fragment-reader.ts";
import { concatBytes } from "../box-writer.ts";
import { gridFor } from "../grid.ts";
import { writeInitSegment } from "../init-segment.ts";
import { PartAssembler, type AssembledPart, type TimelinePoint } from "../part-assembler.ts";
import type { Fragment, TrackInit } from "../track.ts";
import type { EncodedTracks } from "./ffmpeg-tracks.ts";

export interface ReadTrack {
  init: TrackInit;
  fragments: Fragment[];
}

export function readTrack(bytes: Uint8Array, chunkBytes = 65_536): ReadTrack {
  const reader = new FragmentReader();
  const fragments: Fragment[] = [];
  let init: TrackInit | undefined;
  for (let offset = 0; offset < bytes.length; offset += chunkBytes) {
    for (const event of reader.push(bytes.subarray(offset, offset + chunkBytes))) {
      if (event.kind === "init") init = event.init;
      else if (event.kind === "fragment") fragments.push(event.fragment);
      else throw new Error(event.reason);
    }
  }
  if (init === undefined) throw new Error("the track has no moov");
  return { init, fragments };
}

export interface AssembledEpoch {
  parts: AssembledPart[];
  endPoint: TimelinePoint;
  assembler: PartAssembler;
  inits: Record<string, Uint8Array>;
}

/** All parts of an epoch; rung names are "0", "1" … and "audio". */
export function assembleEpoch(
  tracks: EncodedTracks,
  {
    frameRate,
    epochStart,
    dropAudio = () => false,
  }: {
    frameRate: number;
    epochStart: TimelinePoint;
    /** Fragments of sound that get lost, by their decode time. */
    dropAudio?: (decodeTicks: number) => boolean;
  },
): AssembledEpoch {
  const video = tracks.video.map((bytes) => readTrack(bytes));
  const audio = readTrack(tracks.audio);
  const rungs = video.map((_, index) => String(index));
  const grid = gridFor(frameRate);
  const options = { grid, rungs, audio: true, audioRung: true, epochStart };
  const assembler = new PartAssembler(options);
  const parts: AssembledPart[] = [];
  video.forEach(({ fragments }, index) => {
    for (const fragment of fragments) parts.push(...assembler.pushVideo(index, fragment, 0));
  });
  const heard = audio.fragments.filter(({ decodeTicks }) => !dropAudio(decodeTicks));
  for (const fragment of heard) parts.push(...assembler.pushAudio(fragment, 0));
  parts.push(...assembler.end());
  const inits: Record<string, Uint8Array> = { audio: writeInitSegment({ audio: audio.init }) };
  video.forEach(({ init }, index) => {
    inits[String(index)] = writeInitSegment({ video: init, audio: audio.init });
  });
  return { parts, endPoint: assembler.endPoint, assembler, inits };
}

/** Init segment and all parts of a rung as one file. */
export function rungFile(rung: string, ...epochs: AssembledEpoch[]): Uint8Array {
  const parts = epochs.flatMap((epoch) => epoch.parts.filter((part) => part.rung === rung));
  return concatBytes([epochs[0]!.inits[rung]!, ...parts.map(({ bytes }) => bytes)]);
}
