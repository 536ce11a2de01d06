/** Places in the broadcast in words: how long ago, and at which time of day. Pure. */

export interface SeekPlace {
  /** Behind where live playback is. */
  behindSec: number;
  /** When it was made; null if the playlist does not say. */
  madeUnixMs: number | null;
}

/** Nearer than this is live: nobody aims better. */
const liveSecMax = 2;

export function isLivePlace({ behindSec }: SeekPlace): boolean {
  return behindSec < liveSecMax;
}

/** For the sign over the bar: `14:32:05 · −1:10`. */
export function seekSign(place: SeekPlace, clock: Intl.DateTimeFormat): string {
  const ago = isLivePlace(place) ? "Live" : `−${countText(place.behindSec)}`;
  return place.madeUnixMs === null ? ago : `${clock.format(place.madeUnixMs)} · ${ago}`;
}

/** As it is read out: `1 minute 10 seconds behind live, 14:32:05`. */
export function seekSentence(place: SeekPlace, clock: Intl.DateTimeFormat): string {
  const ago = isLivePlace(place) ? "Live" : `${spokenText(place.behindSec)} behind live`;
  return place.madeUnixMs === null ? ago : `${ago}, ${clock.format(place.madeUnixMs)}`;
}

function countText(sec: number): string {
  const whole = Math.round(sec);
  const [hours, minutes, seconds] = [
    Math.floor(whole / 3_600),
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  const padded = String(seconds).padStart(2, "0");
  return hours === 0
    ? `${minutes}:${padded}`
    : `${hours}:${String(minutes).padStart(2, "0")}:${padded}`;
}

function spokenText(sec: number): string {
  const whole = Math.round(sec);
  const parts: [number, string][] = [
    [Math.floor(whole / 3_600), "hour"],
    [Math.floor(whole / 60) % 60, "minute"],
    [whole % 60, "second"],
  ];
  return parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`)
    .join(" ");
}
