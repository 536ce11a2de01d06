/**
 * The bar on which a viewer goes back in the broadcast, as far as its playlist reaches, and ahead to
 * live again. Its right end is live: who stays as far behind sees a thumb that stands still. The
 * times that it says are of the day, as the playlist gives them.
 */
import { elementById, setText } from "../view/elements.ts";
import { seekSentence, seekSign, type SeekPlace } from "./seek-text.ts";

export interface SeekView {
  /** How far behind live one may go. */
  windowSec: number;
  behindSec: number;
  /** Where live playback puts itself, give or take a few seconds. */
  isLive: boolean;
  /** When what is on screen was made; null if the playlist does not say. */
  playingUnixMs: number | null;
}

export interface SeekCommands {
  toBehind: (behindSec: number) => void;
  by: (sec: number) => void;
}

/** Less is not worth a bar: three of the shortest segments. */
const windowSecMin = 12;
const thumbPx = 14;
const stepSec = 5;
const pageSec = 10;

export class SeekBar {
  readonly #box = elementById("seek", HTMLElement);
  readonly #range = elementById("seek-range", HTMLInputElement);
  readonly #sign = elementById("seek-sign", HTMLElement);
  readonly #clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
  readonly #commands: SeekCommands;
  #view: SeekView | null = null;
  /** The viewer moves the thumb: it is not moved from here. */
  #isHeld = false;

  constructor(commands: SeekCommands) {
    this.#commands = commands;
    const range = this.#range;
    range.addEventListener("input", () => this.#hold());
    range.addEventListener("change", () => this.#letGo());
    for (const end of ["pointerup", "pointercancel", "blur"]) {
      range.addEventListener(end, () => (this.#isHeld = false));
    }
    range.addEventListener("pointermove", ({ offsetX }) => this.#showSign(this.#behindAt(offsetX)));
    range.addEventListener("pointerleave", () => this.#hideSign());
    range.addEventListener("focus", () => this.#say());
    range.addEventListener("keydown", (event) => this.#takeKey(event));
    range.addEventListener("blur", () => this.#hideSign());
  }

  show(view: SeekView | null): void {
    this.#view = view;
    const isShown = view !== null && view.windowSec >= windowSecMin;
    this.#box.hidden = !isShown;
    if (!isShown || this.#isHeld) return;
    const { windowSec, behindSec, isLive } = view;
    this.#range.max = windowSec.toFixed(1);
    this.#put(isLive ? windowSec : windowSec - Math.max(0, behindSec));
    // Who has the bar under the fingers would hear every second: told at each step instead.
    if (document.activeElement !== this.#range) this.#say();
  }

  #put(value: number): void {
    this.#range.value = value.toFixed(1);
    const ratio = Number(this.#range.value) / Math.max(1, Number(this.#range.max));
    this.#box.style.setProperty("--at", String(ratio));
  }

  #hold(): void {
    this.#isHeld = true;
    this.#put(Number(this.#range.value));
    this.#showSign(this.#heldBehindSec());
    this.#say();
  }

  #letGo(): void {
    this.#isHeld = false;
    this.#commands.toBehind(this.#heldBehindSec());
  }

  #heldBehindSec(): number {
    return Number(this.#range.max) - Number(this.#range.value);
  }

  #takeKey(event: KeyboardEvent): void {
    const { key } = event;
    const by = steps[key];
    if (key === "Home") this.#commands.toBehind(this.#view?.windowSec ?? 0);
    else if (key === "End") this.#commands.toBehind(0);
    else if (by !== undefined) this.#commands.by(by);
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.#say();
    this.#showSign(this.#heldBehindSec());
  }

  #place(behindSec: number): SeekPlace {
    const view = this.#view;
    const playingUnixMs = view?.playingUnixMs ?? null;
    if (view === null || playingUnixMs === null) return { behindSec, madeUnixMs: null };
    return { behindSec, madeUnixMs: playingUnixMs + (view.behindSec - behindSec) * 1_000 };
  }

  #say(): void {
    const sentence = seekSentence(this.#place(this.#heldBehindSec()), this.#clock);
    if (this.#range.ariaValueText !== sentence) this.#range.ariaValueText = sentence;
  }

  /** What lies under the pointer: the browser keeps the thumb within the bar's ends. */
  #behindAt(offsetPx: number): number {
    const windowSec = Number(this.#range.max);
    const ratio = (offsetPx - thumbPx / 2) / Math.max(1, this.#range.clientWidth - thumbPx);
    return windowSec * (1 - Math.min(1, Math.max(0, ratio)));
  }

  #showSign(behindSec: number): void {
    const ratio = 1 - behindSec / Math.max(1, Number(this.#range.max));
    setText(this.#sign, seekSign(this.#place(behindSec), this.#clock));
    this.#sign.hidden = false;
    const reachPx = this.#range.clientWidth - this.#sign.offsetWidth;
    const wantedPx = ratio * this.#range.clientWidth - this.#sign.offsetWidth / 2;
    this.#sign.style.left = `${Math.max(0, Math.min(reachPx, wantedPx))}px`;
  }

  #hideSign(): void {
    this.#sign.hidden = true;
  }
}

const steps: Readonly<Record<string, number>> = {
  ArrowLeft: -stepSec,
  ArrowDown: -stepSec,
  ArrowRight: stepSec,
  ArrowUp: stepSec,
  PageDown: -pageSec,
  PageUp: pageSec,
};
