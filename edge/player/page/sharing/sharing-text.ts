/** The words and figures of the sharing between viewers, for each thing that may stand in its way. Pure. */
import type { ConsentRule } from "./consent.ts";
import type { SwarmView } from "./swarm-view.ts";

export type SharingFacts = Pick<SwarmView, "obstacle" | "stats" | "uploadKbpsMax">;

/** `on`: works or is about to; `paused`: for now; `off`: by the viewer; `never`: not here. */
export type SharingTone = "on" | "paused" | "off" | "never";

export interface SharingText {
  tone: SharingTone;
  /** On the chip of a wide player, and the name of the button everywhere. */
  chip: string;
  /** On the chip of a narrower one; may be empty. */
  chipShort: string;
  /** What is so now, in a sentence. */
  state: string;
}

/** A viewer who is to be asked and has not answered. */
export const unansweredText: SharingText = {
  tone: "off",
  chip: "Share with viewers?",
  chipShort: "?",
  state: "Nothing is shared until you say yes. Everything comes from the broadcaster’s servers.",
};

export interface NoticeText {
  /** What a small player has room for, and what a larger one says as well. */
  lead: string;
  words: string;
  yes: readonly [short: string, more: string];
  no: readonly [short: string, more: string];
}

/** What a first visit is told, or asked. */
export function noticeText(rule: ConsentRule, uploadKbpsMax: number): NoticeText {
  const limits = `${uploadText(uploadKbpsMax)}, and nothing on a metered connection.`;
  if (rule === "ask") {
    return {
      lead: "Share with viewers?",
      words:
        "Parts of the picture would come from other viewers, and you would pass parts on. They may see your " +
        `IP address. ${limits}`,
      yes: ["Yes", ", share"],
      no: ["No", ", thanks"],
    };
  }
  return {
    lead: "Viewers help each other here.",
    words:
      "Parts of the picture come from other viewers, and you pass parts on. They may see your IP " +
      `address. ${limits}`,
    yes: ["OK", ""],
    no: ["Turn off", ""],
  };
}

const stillTaken = "What other viewers have, you still receive.";

/** Null: there is nothing to show. */
export function sharingText({ obstacle, stats }: SharingFacts): SharingText | null {
  switch (obstacle) {
    case "policy":
      return null;
    case "insecure":
      return never(
        "The browser allows it on secure pages only. Open this page with https:// in its address; " +
          "until then everything comes from the broadcaster’s servers.",
      );
    case "noWebRtc":
      return never(
        "This browser has no WebRTC, or it is switched off. Everything comes from the " +
          "broadcaster’s servers.",
      );
    case "refused":
      return {
        tone: "off",
        chip: "Sharing off",
        chipShort: "Off",
        state: "You switched it off. Everything comes from the broadcaster’s servers.",
      };
    case "metered":
      return paused(
        "Your connection is metered or saves data, so nothing is shared. Everything comes from the " +
          "broadcaster’s servers.",
      );
    case "battery":
      return paused(`Your battery is low, so you give nothing until it is charging. ${stillTaken}`);
    case "hidden":
      return paused(`This tab is hidden, so you give nothing. ${stillTaken}`);
    case "none":
      return working(stats);
  }
}

/** What one gives at most, as it stands in a sentence. */
export function uploadText(uploadKbpsMax: number): string {
  return uploadKbpsMax > 0
    ? `You give at most ${uploadKbpsMax.toLocaleString("en")} kbps`
    : "You give what your connection has to spare";
}

/** Part of what was received that came from viewers; null before anything did. */
export function savedRatio({ httpBytes, peerBytes }: SharingFacts["stats"]): number | null {
  const bytes = httpBytes + peerBytes;
  return bytes === 0 ? null : peerBytes / bytes;
}

export function bytesText(bytes: number): string {
  if (bytes < 999_500) return `${Math.round(bytes / 1e3)} kB`;
  if (bytes < 999.5e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

function working(stats: SharingFacts["stats"]): SharingText {
  const saved = savedRatio(stats);
  const { peerCount } = stats;
  if (peerCount === 0) {
    const isAlone = stats.state === "on";
    return {
      tone: "on",
      chip: isAlone ? "No viewer near you yet" : "Looking for viewers …",
      chipShort: isAlone ? "0" : "…",
      state: isAlone
        ? "Ready. As soon as there are viewers near you, you help each other."
        : "Looking for viewers near you.",
    };
  }
  const viewers = peerCount === 1 ? "1 viewer" : `${peerCount} viewers`;
  const percent = saved === null || saved < 0.005 ? null : `${Math.round(saved * 100)} %`;
  return {
    tone: "on",
    chip: `Sharing with ${viewers}${percent === null ? "" : ` · saved ${percent}`}`,
    chipShort: percent === null ? String(peerCount) : `${peerCount} · ${percent}`,
    state: `It works: you are connected with ${viewers}.`,
  };
}

function paused(state: string): SharingText {
  return { tone: "paused", chip: "Sharing paused", chipShort: "Paused", state };
}

function never(state: string): SharingText {
  return { tone: "never", chip: "Sharing not possible here", chipShort: "", state };
}
