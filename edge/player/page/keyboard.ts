/** The keyboard shortcuts, and the dialog that lists them. */
import { elementById } from "./elements.ts";

export interface KeyboardActions {
  togglePlay: () => void;
  toggleMute: () => void;
  changeVolume: (steps: number) => void;
  toggleFullscreen: () => void;
  togglePictureInPicture: () => void;
  jumpToLive: () => void;
  openQuality: () => void;
}

type Shortcut = [keys: string[], shown: string, does: string, action: (a: KeyboardActions) => void];

const shortcuts: Shortcut[] = [
  [[" ", "k"], "Space, K", "Play or pause", (a) => a.togglePlay()],
  [["m"], "M", "Sound on or off", (a) => a.toggleMute()],
  [["ArrowUp"], "↑", "Louder", (a) => a.changeVolume(1)],
  [["ArrowDown"], "↓", "Quieter", (a) => a.changeVolume(-1)],
  [["l"], "L", "Jump to live", (a) => a.jumpToLive()],
  [["q"], "Q", "Quality", (a) => a.openQuality()],
  [["f"], "F", "Full screen", (a) => a.toggleFullscreen()],
  [["p"], "P", "Picture in picture", (a) => a.togglePictureInPicture()],
  [["?"], "?", "This list", () => openHelp()],
];

/** Listens on the whole page: a viewer does not have to find the player first. */
export function listenToKeyboard(actions: KeyboardActions): void {
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
  const help = elementById("help", HTMLDialogElement);
  help.addEventListener("click", (event) => {
    if (event.target === help) help.close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (help.open || isOwnKey(event)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const shortcut = shortcuts.find(([keys]) => keys.includes(key));
    if (shortcut === undefined) return;
    event.preventDefault();
    shortcut[3](actions);
  });
}

export function openHelp(): void {
  elementById("help", HTMLDialogElement).showModal();
}

/** Whether the focused control itself means something by this key. */
function isOwnKey(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  if (!(target instanceof Element)) return false;
  const isPress = event.key === " " || event.key === "Enter";
  const isArrow = event.key.startsWith("Arrow");
  if (target.closest("input[type=range], [role=slider], [role=menu]") !== null) {
    return isArrow || isPress;
  }
  const host = event.target instanceof Element ? event.target : target;
  const isButton =
    host.closest("button, a, media-play-button, media-mute-button") !== null ||
    host.closest("media-pip-button, media-fullscreen-button") !== null;
  return isButton && isPress;
}
