/** Which playback a browser gets, and what the page remembers of its line. */
import { HlsPlayback, isHlsSupported } from "./hls-playback.ts";
import { isNativeHlsSupported, NativePlayback } from "./native-playback.ts";
import type { Playback, PlaybackHost } from "./playback.ts";
import type { Preferences } from "../system/preferences.ts";

/** hls.js first: several browsers claim native HLS and then play live badly (research 5). */
export function choosePlayback(host: PlaybackHost): Playback | null {
  if (isHlsSupported()) return new HlsPlayback(host);
  return isNativeHlsSupported(host.video) ? new NativePlayback(host) : null;
}

/** The last estimate of this device's bandwidth: the next visit starts with a rung that fits. */
export function bandwidthMemory(preferences: Preferences): PlaybackHost["bandwidthBitsPerSec"] {
  return {
    load: () => preferences.readNumber("bandwidthBitsPerSec"),
    store: (bitsPerSec) => {
      if (bitsPerSec > 0) preferences.write("bandwidthBitsPerSec", bitsPerSec.toFixed(0));
    },
  };
}
