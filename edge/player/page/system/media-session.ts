/**
 * The broadcast as the system shows it: lock screen, media keys, headset. Its title and picture are
 * the page's; its buttons do what those of the page do.
 */
import type { PlayerState } from "../state/player-state.ts";

export interface SystemCommands {
  play: () => void;
  pause: () => void;
  jumpToLive: () => void;
  enterPictureInPicture: () => void;
}

export class SystemMedia {
  readonly #session = "mediaSession" in navigator ? navigator.mediaSession : null;
  readonly #metadata: MediaMetadataInit;
  #isShown = false;

  constructor({ title, commands }: { title: string; commands: SystemCommands }) {
    this.#metadata = { title, artist: siteName(), artwork: artwork() };
    const { play, pause, jumpToLive, enterPictureInPicture } = commands;
    this.#answer("play", play);
    this.#answer("pause", pause);
    this.#answer("stop", pause);
    // A live broadcast has no next title: the button leads on, to now.
    this.#answer("nexttrack", jumpToLive);
    this.#answer("enterpictureinpicture", enterPictureInPicture);
  }

  show({ playback, paused }: PlayerState): void {
    const session = this.#session;
    if (session === null) return;
    const isShown = playback === "open";
    if (isShown && !this.#isShown) session.metadata = new MediaMetadata(this.#metadata);
    if (!isShown && this.#isShown) session.metadata = null;
    this.#isShown = isShown;
    session.playbackState = !isShown ? "none" : paused ? "paused" : "playing";
  }

  #answer(action: string, run: () => void): void {
    try {
      this.#session?.setActionHandler(action as MediaSessionAction, run);
    } catch {
      // A browser refuses the names that it does not know; then it has no such button either.
    }
  }
}

function siteName(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="application-name"]')?.content ?? "";
}

/** The broadcaster's poster, and the page's sign. */
function artwork(): MediaImage[] {
  const links = document.querySelectorAll<HTMLLinkElement>('link[rel="icon"], link[rel="poster"]');
  return [...links].reverse().map(({ href, type, rel }) => ({
    src: href,
    type,
    sizes: rel === "icon" ? "any" : "1280x720",
  }));
}
