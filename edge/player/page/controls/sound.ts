/**
 * Sound: browsers start video only when muted, so the page starts muted and offers the sound with
 * one big button, which becomes a small one before long: it lies on the picture. The volume is
 * remembered.
 */
import { elementById } from "../view/elements.ts";
import type { Preferences } from "../system/preferences.ts";

const volumeStepRatio = 0.1;
/** Long enough to be read and reached. */
const wordsMsMax = 6_000;

export class Sound {
  readonly #video: HTMLVideoElement;
  readonly #unmute = elementById("unmute", HTMLButtonElement);
  /** Muted by the page for the browser's sake, not by the viewer's wish. */
  #isMutedForAutoplay = true;
  #offeredAtMs: number | null = null;

  constructor(video: HTMLVideoElement, preferences: Preferences) {
    this.#video = video;
    const volume = preferences.readNumber("volume");
    video.volume = volume === null ? 1 : Math.min(1, Math.max(0.1, volume));
    video.muted = true;
    this.#unmute.addEventListener("click", () => this.toggle());
    video.addEventListener("volumechange", () => {
      if (!video.muted) {
        this.#isMutedForAutoplay = false;
        preferences.write("volume", video.volume.toFixed(2));
      }
      this.show();
    });
  }

  toggle(): void {
    this.#video.muted = !this.#video.muted;
    if (!this.#video.muted && this.#video.volume === 0) this.#video.volume = 0.5;
  }

  change(steps: number): void {
    const volume = this.#video.volume + steps * volumeStepRatio;
    this.#video.volume = Math.min(1, Math.max(0, Math.round(volume * 100) / 100));
    if (steps > 0) this.#video.muted = false;
  }

  show(): void {
    const isOffered = this.#isMutedForAutoplay && this.#video.muted && !this.#video.paused;
    this.#unmute.hidden = !isOffered;
    if (!isOffered || this.#video.currentTime === 0) return;
    this.#offeredAtMs ??= performance.now();
    const isRead = performance.now() - this.#offeredAtMs > wordsMsMax;
    this.#unmute.classList.toggle("is-small", isRead);
  }
}
