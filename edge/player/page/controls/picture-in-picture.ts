/**
 * The picture in a window of its own: the page knows whether it is there, and takes it back when
 * there is no picture, for words can only be read in the page.
 */
import type { PlayerState } from "../state/player-state.ts";

export class PictureInPicture {
  isOn = false;
  readonly #video: HTMLVideoElement;

  constructor({ video, player }: { video: HTMLVideoElement; player: HTMLElement }) {
    this.#video = video;
    const note = (isOn: boolean): void => {
      this.isOn = isOn;
      player.toggleAttribute("data-in-window", isOn);
    };
    video.addEventListener("enterpictureinpicture", () => note(true));
    video.addEventListener("leavepictureinpicture", () => note(false));
  }

  toggle(): void {
    if (document.pictureInPictureElement !== null) void document.exitPictureInPicture();
    else this.enter();
  }

  enter(): void {
    // Refused without a frame or a gesture, or where the browser has none.
    if (document.pictureInPictureEnabled) {
      this.#video.requestPictureInPicture().catch(() => undefined);
    }
  }

  show({ playback, face }: PlayerState): void {
    const hasWords = playback === "closed" && (face === "ended" || face === "error");
    if (!this.isOn || !hasWords || document.pictureInPictureElement !== this.#video) return;
    void document.exitPictureInPicture();
  }
}
