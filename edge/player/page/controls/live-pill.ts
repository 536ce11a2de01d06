/** The LIVE pill: says how far behind the event the picture is, and jumps to live when pressed. */
import { elementById, setText } from "../view/elements.ts";
import type { PlayerState } from "../state/player-state.ts";

export class LivePill {
  readonly #pill = elementById("live", HTMLButtonElement);
  readonly #word = elementById("live-word", HTMLElement);
  readonly #latency = elementById("live-latency", HTMLElement);
  readonly #behind = elementById("live-behind", HTMLElement);

  constructor({ jumpToLive }: { jumpToLive: () => void }) {
    this.#pill.addEventListener("click", jumpToLive);
  }

  show(state: PlayerState, latencySec: number | null): void {
    this.#pill.hidden = state.playback !== "open";
    const isLive = state.face === "live" && !state.paused && !state.isBackByWish;
    this.#pill.classList.toggle("is-live", isLive);
    setText(this.#word, isLive ? "Live" : "Go live");
    setText(this.#latency, latencyText(latencySec));
    setText(this.#behind, latencySec === null ? "" : " behind the event");
  }
}

export function latencyText(latencySec: number | null): string {
  if (latencySec === null) return "";
  if (latencySec >= 90) return `${Math.round(latencySec / 60)} min`;
  return `${Math.max(0, Math.round(latencySec))} s`;
}
