/** The keyboard shortcuts, and the dialog that lists them. */
import { closeByBackdrop, elementById } from "../view/elements.ts";

export interface KeyboardActions {
  togglePlay: () => void;
  toggleMute: () => void;
  changeVolume: (steps: number) => void;
  toggleFullscreen: () => void;
  togglePictureInPicture: () => void;
  jumpToLive: () => void;
  seekBy: (sec: number) => void;
  openQuality: () => void;
  toggleCaptions: () => void;
  toggleStats: () => void;
  openShare: () => void;
  openSharing: () => void;
  openHelp: () => void;
}

type Shortcut = [keys: string[], shown: string, does: string, action: (a: KeyboardActions) => void];

const shortcuts: Shortcut[] = [
  [[" ", "k"], "Space, K", "Play or pause", (a) => a.togglePlay()],
  [["m"], "M", "Sound on or off", (a) => a.toggleMute()],
  [["ArrowUp"], "↑", "Louder", (a) => a.changeVolume(1)],
  [["ArrowDown"], "↓", "Quieter", (a) => a.changeVolume(-1)],
  [["ArrowLeft"], "←", "Back 5 seconds", (a) => a.seekBy(-5)],
  [["ArrowRight"], "→", "Ahead 5 seconds", (a) => a.seekBy(5)],
  [["j"], "J", "Back 10 seconds", (a) => a.seekBy(-10)],
  [["l"], "L", "Jump to live", (a) => a.jumpToLive()],
  [["q"], "Q", "Quality", (a) => a.openQuality()],
  [["c"], "C", "Captions", (a) => a.toggleCaptions()],
  [["f"], "F", "Full screen", (a) => a.toggleFullscreen()],
  [["p"], "P", "Picture in picture", (a) => a.togglePictureInPicture()],
  [["s"], "S", "Statistics", (a) => a.toggleStats()],
  [["v"], "V", "Viewers helping each other", (a) => a.openSharing()],
  [["e"], "E", "Share and embed", (a) => a.openShare()],
  [["?"], "?", "This list", (a) => a.openHelp()],
];

/** Listens on the whole page: a viewer does not have to find the player first. */
export function listenToKeyboard(actions: KeyboardActions): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]") !== null || isOwnKey(event)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const shortcut = shortcuts.find(([keys]) => keys.includes(key));
    if (shortcut === undefined) return;
    event.preventDefault();
    shortcut[3](actions);
  });
}

export class KeyboardHelp {
  readonly #dialog = elementById("help", HTMLDialogElement);

  constructor() {
    const list = elementById("help-list", HTMLElement);
    for (const [, shown, does] of shortcuts) {
      const term = document.createElement("dt");
      for (const key of shown.split(", ")) {
        const kbd = document.createElement("kbd");
        kbd.textContent = key;
        term.append(kbd);
      }
      const description = document.createElement("dd");
      description.textContent = does;
      list.append(term, description);
    }
    closeByBackdrop(this.#dialog);
  }

  open(): void {
    this.#dialog.showModal();
  }
}

/** Whether the focused control itself means something by this key. */
function isOwnKey(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  if (!(target instanceof Element)) return false;
  const isPress = event.key === " " || event.key === "Enter";
  const isArrow = event.key.startsWith("Arrow");
  if (target.closest("input[type=range], [role=slider], [role=menu]") !== null) {
    // A slider has no use for the space bar, which plays and pauses everywhere else.
    return isArrow || (isPress && target.closest("[role=menu]") !== null);
  }
  const host = event.target instanceof Element ? event.target : target;
  const isButton =
    host.closest("button, a, media-play-button, media-mute-button") !== null ||
    host.closest("media-pip-button, media-fullscreen-button") !== null;
  return isButton && isPress;
}
