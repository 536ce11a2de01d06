/** What stands around the player on the watch page: title, viewers, facts, sharing. */
import type { FeedStatus } from "../../../../src/hls/status.ts";
import { elementById, setText } from "./elements.ts";
import { latencyText } from "../controls/live-pill.ts";
import type { Face, FaceReason } from "../state/player-state.ts";

export interface ProgrammeView {
  face: Face;
  reason: FaceReason;
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

/** Where the connection is not what is wrong. */
const errorKickers: Partial<Record<FaceReason, string>> = {
  unknownFeed: "No such broadcast",
  unplayable: "Live now",
  unsupported: "Live now",
};

/** Present on the watch page only; the embed page has none of it. */
export function programmeOrNull(): Programme | null {
  return document.documentElement.dataset["page"] === "watch" ? new Programme() : null;
}

class Programme {
  readonly #kicker = elementById("kicker", HTMLElement);
  readonly #since = elementById("since", HTMLElement);
  readonly #viewers = elementById("viewers", HTMLElement);
  readonly #viewerCount = elementById("viewer-count", HTMLElement);
  readonly #viewersDo = elementById("viewers-do", HTMLElement);
  readonly #facts = elementById("facts", HTMLElement);
  readonly #latency = elementById("fact-latency", HTMLElement);
  readonly #quality = elementById("fact-quality", HTMLElement);

  begin(options: { openHelp: () => void; openShare: () => void; toggleStats: () => void }): void {
    const press = (id: string, action: () => void): void =>
      elementById(id, HTMLButtonElement).addEventListener("click", action);
    press("share", options.openShare);
    press("stats-open", options.toggleStats);
    press("help-open", options.openHelp);
  }

  show({ face, reason, isPlaying, status, latencySec, qualityText }: ProgrammeView): void {
    setText(this.#kicker, errorKickers[reason] ?? kickers[face]);
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
