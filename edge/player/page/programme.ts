/** What stands around the player on the watch page: title, viewers, facts, sharing. */
import type { FeedStatus } from "../../../src/hls/status.ts";
import { elementByIdOrNull, setText } from "./elements.ts";
import { openHelp } from "./keyboard.ts";
import { latencyText } from "./live-pill.ts";
import type { Face } from "./player-state.ts";

export interface ProgrammeView {
  face: Face;
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

export class Programme {
  readonly #kicker = elementByIdOrNull("kicker", HTMLElement);
  readonly #since = elementByIdOrNull("since", HTMLElement);
  readonly #viewers = elementByIdOrNull("viewers", HTMLElement);
  readonly #viewerCount = elementByIdOrNull("viewer-count", HTMLElement);
  readonly #latency = elementByIdOrNull("fact-latency", HTMLElement);
  readonly #quality = elementByIdOrNull("fact-quality", HTMLElement);

  constructor(title: string) {
    const heading = elementByIdOrNull("title", HTMLElement);
    if (heading !== null) setText(heading, title);
    document.title = `${title} – ${document.title}`;
    const share = elementByIdOrNull("share", HTMLButtonElement);
    share?.addEventListener("click", () => void shareLink(share, title));
    elementByIdOrNull("help-open", HTMLButtonElement)?.addEventListener("click", openHelp);
  }

  show({ face, status, latencySec, qualityText }: ProgrammeView): void {
    if (this.#kicker === null || this.#since === null) return;
    document.documentElement.dataset["face"] = face;
    setText(this.#kicker, kickers[face]);
    const isOn = face === "live" || face === "behind" || face === "stalled";
    setText(this.#since, isOn && status?.state === "live" ? sinceText(status.sinceUnixMs) : "");
    const viewerCount = status?.viewers ?? 0;
    if (this.#viewers !== null) this.#viewers.hidden = viewerCount < 1;
    if (this.#viewerCount !== null) setText(this.#viewerCount, viewerCount.toLocaleString("en"));
    if (this.#latency !== null) setText(this.#latency, latencyText(latencySec) || "–");
    if (this.#quality !== null) setText(this.#quality, qualityText || "–");
  }
}

function sinceText(sinceUnixMs: number): string {
  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
  return `On air since ${clock.format(sinceUnixMs)}`;
}

/** The system's share sheet on phones; elsewhere the clipboard, which needs a secure context. */
async function shareLink(button: HTMLButtonElement, title: string): Promise<void> {
  const url = location.href;
  const said = button.textContent;
  try {
    if (matchMedia("(pointer: coarse)").matches && "share" in navigator) {
      await navigator.share({ title, url });
      return;
    }
    await navigator.clipboard.writeText(url);
    setText(button, "Link copied");
  } catch {
    // Refused, cancelled, or no secure context: show the link instead of copying it.
    setText(button, url);
  }
  setTimeout(() => setText(button, said), 4_000);
}
