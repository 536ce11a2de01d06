/** What stands around the player on the watch page: title, viewers, facts, sharing. */
import type { FeedStatus } from "../../../src/hls/status.ts";
import { elementById, setText } from "./elements.ts";
import { openHelp } from "./keyboard.ts";
import { latencyText } from "./live-pill.ts";
import type { Face } from "./player-state.ts";

export interface ProgrammeView {
  face: Face;
  isPlaying: boolean;
  status: FeedStatus | null;
  latencySec: number | null;
  qualityText: string;
}

const kickers: Record<Face, string> = {
  offline: "Not live yet",
  starting: "Starting",
  live: "Live now",
  behind: "Live now",
  stalled: "Live now",
  waiting: "Live, interrupted",
  ended: "Ended",
  error: "No connection",
  full: "Live now, full house",
};

/** Present on the watch page only; the embed page has none of it. */
export function programmeOrNull(): Programme | null {
  return document.documentElement.dataset["page"] === "watch" ? new Programme() : null;
}

class Programme {
  readonly #heading = elementById("title", HTMLElement);
  readonly #kicker = elementById("kicker", HTMLElement);
  readonly #since = elementById("since", HTMLElement);
  readonly #viewers = elementById("viewers", HTMLElement);
  readonly #viewerCount = elementById("viewer-count", HTMLElement);
  readonly #viewersDo = elementById("viewers-do", HTMLElement);
  readonly #facts = elementById("facts", HTMLElement);
  readonly #latency = elementById("fact-latency", HTMLElement);
  readonly #quality = elementById("fact-quality", HTMLElement);

  begin(title: string): void {
    setText(this.#heading, title);
    const share = elementById("share", HTMLButtonElement);
    share.addEventListener("click", () => void shareLink(share, title));
    elementById("help-open", HTMLButtonElement).addEventListener("click", openHelp);
  }

  show({ face, isPlaying, status, latencySec, qualityText }: ProgrammeView): void {
    setText(this.#kicker, kickers[face]);
    const isOn = isPlaying && status?.state === "live";
    setText(this.#since, isOn ? sinceText(status.sinceUnixMs) : "");
    const viewerCount = status?.viewers ?? 0;
    this.#viewers.hidden = viewerCount < 1 || face === "ended";
    setText(this.#viewerCount, viewerCount.toLocaleString("en"));
    setText(this.#viewersDo, isPlaying ? "watching" : "waiting");
    this.#facts.hidden = !isPlaying;
    setText(this.#latency, latencyText(latencySec) || "–");
    setText(this.#quality, qualityText || "–");
  }
}

function sinceText(sinceUnixMs: number): string {
  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
  return `On air since ${clock.format(sinceUnixMs)}`;
}

/** The system's share sheet on phones, the clipboard elsewhere. */
async function shareLink(button: HTMLButtonElement, title: string): Promise<void> {
  const url = location.href;
  const said = button.textContent;
  try {
    if (matchMedia("(pointer: coarse)").matches && "share" in navigator) {
      await navigator.share({ title, url });
      return;
    }
    await copyText(url);
    setText(button, "Link copied");
  } catch {
    // Refused or cancelled: the viewer still has the address bar.
    setText(button, "Not copied");
  }
  setTimeout(() => setText(button, said), 4_000);
}

/** On plain HTTP (a phone on the same network) there is no clipboard API, only the old command. */
async function copyText(text: string): Promise<void> {
  if (isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing else works there
  const isCopied = document.execCommand("copy");
  field.remove();
  if (!isCopied) throw new Error("the browser refused to copy");
}
