/** Which captions are shown: the viewer's wish, and the tracks that a broadcast has. Pure. */

/** `off`, or the language that was chosen; a track without one is `on`. */
export type CaptionWish = string;

export interface CaptionTrack {
  kind: string;
  language: string;
  label: string;
}

/** Tracks that a viewer reads; chapters and metadata are not. */
export function isCaption({ kind }: CaptionTrack): boolean {
  return kind === "captions" || kind === "subtitles";
}

/** Index of the track that fits the wish; -1 for none. Tracks are those of `isCaption`. */
export function trackFor(tracks: readonly CaptionTrack[], wish: CaptionWish): number {
  if (wish === "off" || tracks.length === 0) return -1;
  const exact = tracks.findIndex(({ language }) => language === wish);
  if (exact !== -1) return exact;
  const primary = primaryOf(wish);
  const similar = tracks.findIndex(({ language }) => primaryOf(language) === primary);
  return similar === -1 ? 0 : similar;
}

/** The wish that stands for a track. */
export function wishOf({ language }: CaptionTrack): CaptionWish {
  return language === "" ? "on" : language;
}

/** What the next press of the button shows: each track in turn, then none. */
export function nextWish(tracks: readonly CaptionTrack[], wish: CaptionWish): CaptionWish {
  const next = tracks[trackFor(tracks, wish) + 1];
  return next === undefined ? "off" : wishOf(next);
}

export function captionText(tracks: readonly CaptionTrack[], wish: CaptionWish): string {
  const track = tracks[trackFor(tracks, wish)];
  if (track === undefined) return "Captions off";
  const name = track.label === "" ? track.language : track.label;
  return name === "" ? "Captions on" : `Captions: ${name}`;
}

function primaryOf(language: string): string {
  return language.split("-")[0]!.toLowerCase();
}
