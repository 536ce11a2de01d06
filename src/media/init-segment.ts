/**
 * Writes the init segments (ftyp and moov) of our rungs: video as track 1, sound as track 2, in our
 * timescales, fragmented, without an edit list. The sample entries are the encoder's, byte for byte.
 */
import { assert } from "../base/assert.ts";
import { ascii, box, concatBytes, fullBox, u16, u32, u8 } from "./box-writer.ts";
import { audioTimescale, videoTimescale } from "./grid.ts";
import { audioTrackId, videoTrackId } from "./part-writer.ts";
import type { TrackInit } from "./track.ts";

const plain = { version: 0, flags: 0 };
/** Of mvhd and tkhd: 1, 0, 0; 0, 1, 0; 0, 0, 1 in 16.16 and 2.30 fixed point. */
const unityMatrix = u32(0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000);
/** "und" in three times five bits. */
const languageUndetermined = 0x55c4;

/** The init segment of a rung: video and sound, video alone, or sound alone. */
export function writeInitSegment(tracks: { video?: TrackInit; audio?: TrackInit }): Uint8Array {
  const { video, audio } = tracks;
  assert(video !== undefined || audio !== undefined, "an init segment has a track");
  const ids = [...(video ? [videoTrackId] : []), ...(audio ? [audioTrackId] : [])];
  return concatBytes([
    box("ftyp", ascii("iso6"), u32(0), ascii("iso6"), ascii("mp41")),
    box(
      "moov",
      movieHeader(),
      ...(video ? [videoTrack(video)] : []),
      ...(audio ? [audioTrack(audio)] : []),
      box("mvex", ...ids.map((id) => fullBox("trex", plain, u32(id, 1, 0, 0, 0)))),
    ),
  ]);
}

function movieHeader(): Uint8Array {
  const nextTrackId = Math.max(videoTrackId, audioTrackId) + 1;
  return fullBox(
    "mvhd",
    plain,
    u32(0, 0, 1_000, 0),
    u32(0x1_0000),
    u16(0x100, 0),
    u32(0, 0),
    unityMatrix,
    new Uint8Array(24),
    u32(nextTrackId),
  );
}

function videoTrack(init: TrackInit): Uint8Array {
  const { width = 0, height = 0 } = init;
  return box(
    "trak",
    trackHeader({ trackId: videoTrackId, volume: 0, width, height }),
    media(init, {
      timescale: videoTimescale,
      handler: "vide",
      header: fullBox("vmhd", { version: 0, flags: 1 }, u16(0, 0, 0, 0)),
    }),
  );
}

function audioTrack(init: TrackInit): Uint8Array {
  return box(
    "trak",
    trackHeader({ trackId: audioTrackId, volume: 0x100, width: 0, height: 0 }),
    media(init, {
      timescale: audioTimescale,
      handler: "soun",
      header: fullBox("smhd", plain, u16(0, 0)),
    }),
  );
}

function trackHeader(track: {
  trackId: number;
  volume: number;
  width: number;
  height: number;
}): Uint8Array {
  return fullBox(
    "tkhd",
    // Enabled and in the movie.
    { version: 0, flags: 3 },
    u32(0, 0, track.trackId, 0, 0),
    u32(0, 0),
    u16(0, 0, track.volume, 0),
    unityMatrix,
    u32(track.width * 0x1_0000, track.height * 0x1_0000),
  );
}

function media(
  init: TrackInit,
  { timescale, handler, header }: { timescale: number; handler: string; header: Uint8Array },
): Uint8Array {
  const dataReference = fullBox("dref", plain, u32(1), fullBox("url ", { version: 0, flags: 1 }));
  return box(
    "mdia",
    fullBox("mdhd", plain, u32(0, 0, timescale, 0), u16(languageUndetermined, 0)),
    fullBox("hdlr", plain, u32(0), ascii(handler), u32(0, 0, 0), u8(0)),
    box(
      "minf",
      header,
      box("dinf", dataReference),
      box(
        "stbl",
        fullBox("stsd", plain, u32(1), init.sampleEntry),
        fullBox("stts", plain, u32(0)),
        fullBox("stsc", plain, u32(0)),
        fullBox("stsz", plain, u32(0, 0)),
        fullBox("stco", plain, u32(0)),
      ),
    ),
  );
}
