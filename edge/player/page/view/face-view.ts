/** Shows the face over the picture, counts down to the next attempt, and announces changes. */
import { elementById, setText } from "./elements.ts";
import { faceText } from "./face-text.ts";
import { nextAttemptMs } from "../state/player-face.ts";
import type { PlayerState } from "../state/player-state.ts";
import { drawSeats } from "./seats.ts";

export class FaceView {
  readonly #player = elementById("player", HTMLElement);
  readonly #title = elementById("face-title", HTMLElement);
  readonly #detail = elementById("face-detail", HTMLElement);
  readonly #next = elementById("face-next", HTMLElement);
  readonly #retry = elementById("retry", HTMLButtonElement);
  readonly #announcer = elementById("announcer", HTMLElement);
  readonly #audioFace = elementById("audio-face", HTMLElement);
  #announced = "";

  constructor({ retry }: { retry: () => void }) {
    drawSeats(elementById("seats", SVGSVGElement));
    this.#retry.addEventListener("click", retry);
  }

  show(state: PlayerState, { nowMs, isAudioOnly }: { nowMs: number; isAudioOnly: boolean }): void {
    const { face, reason } = state;
    const text = faceText(face, reason);
    this.#player.dataset["face"] = face;
    this.#player.dataset["playback"] = state.playback;
    setText(this.#title, text.title);
    setText(this.#detail, text.detail);
    const attemptMs = nextAttemptMs(state);
    this.#next.hidden = attemptMs === null;
    this.#retry.hidden = attemptMs === null;
    if (attemptMs !== null) setText(this.#next, countdown(attemptMs - nowMs));
    this.#audioFace.hidden = !(isAudioOnly && state.playback === "open");
    this.#announce(`${text.title}. ${text.detail}`);
  }

  #announce(sentence: string): void {
    if (sentence === this.#announced) return;
    this.#announced = sentence;
    setText(this.#announcer, sentence);
  }
}

function countdown(remainingMs: number): string {
  const seconds = Math.ceil(remainingMs / 1000);
  if (seconds <= 0) return "Trying now …";
  return `Next try in ${seconds} second${seconds === 1 ? "" : "s"}`;
}
