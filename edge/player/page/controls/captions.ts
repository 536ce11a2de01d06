/**
 * Captions: a button when the broadcast has any, and the viewer's choice remembered. The tracks are
 * the video element's own, whoever made them: hls.js, the browser's HLS, or the media itself.
 */
import {
  captionText,
  isCaption,
  nextWish,
  trackFor,
  wishOf,
  type CaptionWish,
} from "./caption-choice.ts";
import { elementById, setText } from "../view/elements.ts";
import type { Preferences } from "../system/preferences.ts";

export class Captions {
  readonly #tracks: TextTrackList;
  readonly #preferences: Preferences;
  readonly #button = elementById("captions", HTMLButtonElement);
  readonly #word = elementById("captions-word", HTMLElement);
  #wish: CaptionWish;

  constructor({ video, preferences }: { video: HTMLVideoElement; preferences: Preferences }) {
    this.#tracks = video.textTracks;
    this.#preferences = preferences;
    this.#wish = preferences.read("captions") ?? "off";
    this.#button.addEventListener("click", () => this.toggle());
    this.#tracks.addEventListener("addtrack", () => this.#apply());
    this.#tracks.addEventListener("removetrack", () => this.#apply());
    // The browser's own menu, on phones in full screen.
    this.#tracks.addEventListener("change", () => this.#takeChange());
    this.#apply();
  }

  /** The next language, or none. */
  toggle(): void {
    const tracks = this.#shown();
    if (tracks.length === 0) return;
    this.#remember(nextWish(tracks, this.#wish));
    this.#apply();
  }

  #remember(wish: CaptionWish): void {
    this.#wish = wish;
    this.#preferences.write("captions", wish);
  }

  #apply(): void {
    const tracks = this.#shown();
    const chosen = trackFor(tracks, this.#wish);
    tracks.forEach((track, index) => {
      const mode = index === chosen ? "showing" : "disabled";
      if (track.mode !== mode) track.mode = mode;
    });
    this.#button.hidden = tracks.length === 0;
    this.#button.setAttribute("aria-pressed", String(chosen !== -1));
    setText(this.#word, captionText(tracks, this.#wish));
  }

  #takeChange(): void {
    const tracks = this.#shown();
    const showing = tracks.findIndex(({ mode }) => mode === "showing");
    if (showing === trackFor(tracks, this.#wish)) return;
    const track = tracks[showing];
    this.#remember(track === undefined ? "off" : wishOf(track));
    this.#apply();
  }

  #shown(): TextTrack[] {
    return Array.from(this.#tracks).filter(isCaption);
  }
}
